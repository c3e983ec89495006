"""The shell of both consoles: who may enter, whose name and colour it wears, and what its menu counts."""

import pytest
from django.test import Client

from messages.models import Mailbox
from messages.posting import open_thread
from notifications.palette import palette
from people.models import User
from testing.factories import make_domain
from whitelabel.models import SendingDomain, WhiteLabel


def menu(client: Client, address: str) -> dict[str, object]:
    """Return title and badge of each entry of the menu."""
    groups = client.get(address).context["sidebar_navigation"]
    return {item["title"]: item.get("badge") for group in groups for item in group["items"]}


@pytest.mark.parametrize("address", ["/backoffice/", "/whitelabel/"])
def test_strangers_are_asked_to_sign_in(address: str, client: Client, db: None) -> None:
    assert client.get(address, follow=True).redirect_chain[-1][0] == f"/accounts/login/?next={address}"


def test_a_white_label_without_admins_admits_nobody(client: Client, charlie: User, acme: WhiteLabel) -> None:
    acme.admins.clear()
    client.force_login(charlie)
    assert client.get("/whitelabel/").status_code == 403
    assert Client().get("/whitelabel/").status_code == 302


def test_each_console_wears_its_own_name_and_colour(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    WhiteLabel.objects.update(brand_colour="#0d9488")
    client.force_login(alice)
    theirs = client.get("/whitelabel/")
    assert (theirs.context["site_header"], theirs.context["site_title"]) == ("Acme Apps", "Acme Apps")
    assert '<link href="/palette/0d9488.css" rel="stylesheet">' in theirs.content.decode()
    assert f"--color-primary-600: {palette('#0d9488')['600']};" in client.get("/palette/0d9488.css").content.decode()
    assert palette("#0d9488")["600"] != palette("#4f46e5")["600"]
    client.force_login(owner)
    assert client.get("/backoffice/").context["site_header"] == "Backoffice"


def test_a_brand_name_cannot_smuggle_markup(client: Client, alice: User, acme: WhiteLabel) -> None:
    WhiteLabel.objects.update(brand_name="<script>alert(1)</script>")
    client.force_login(alice)
    for address in ("/whitelabel/", "/whitelabel/applications/", "/whitelabel/choose/", "/accounts/2fa/"):
        page = client.get(address).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page


def test_the_menus_count_what_waits(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)
    open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body="You there?", author=alice)
    client.force_login(owner)
    owners = menu(client, "/backoffice/")
    assert (owners["Messages"], owners["Domain requests"]) == (1, 1)
    client.force_login(alice)
    assert menu(client, "/whitelabel/")["Messages"] is None


def test_the_menus_hold_every_page(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    assert set(menu(client, "/backoffice/")) == {
        "Dashboard", "Messages", "Applications", "White-labels", "Domain requests", "DNS templates", "Delivery log",
        "People", "Import", "Communication", "Suppressed addresses", "Audit log", "Help",
    }  # fmt: skip
    client.force_login(alice)
    assert set(menu(client, "/whitelabel/")) == {
        "Home", "E-mail", "Applications", "Messages", "Delivery log", "Suppressed addresses", "Activity", "Help",
        "People",
    }  # fmt: skip


def test_an_empty_list_says_why_it_is_empty(client: Client, owner: User) -> None:
    client.force_login(owner)
    assert "No mail has been accepted yet." in client.get("/backoffice/deliveries/").content.decode()
    assert "Nothing matches." in client.get("/backoffice/deliveries/?q=nobody").content.decode()
    assert 'href="/backoffice/white-labels/add/"' in client.get("/backoffice/white-labels/").content.decode()


def test_pages_have_a_main_landmark_and_no_inline_script(client: Client, owner: User) -> None:
    client.force_login(owner)
    page = client.get("/backoffice/").content.decode()
    assert page.count("<main") == 1
    assert "<script>" not in page
    assert "onclick=" not in page


def test_how_the_product_is_divided_into_apps_is_not_shown(client: Client, owner: User) -> None:
    client.force_login(owner)
    assert client.get("/backoffice/whitelabel/")["Location"] == "/backoffice/"
