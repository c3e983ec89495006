"""A look: an owner at Acme's console as Alice sees it, to read only. Charlie's Globex is next door."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import LazySettings
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from backoffice.console import look
from backoffice.console.look import LASTS
from backoffice.console.scope import SESSION_KEY as WORKS_IN
from messages.models import Mailbox, Thread
from messages.posting import open_thread
from people.models import AuditEntry, User
from testing.factories import make_application, make_domain, make_key, make_support, make_white_label
from testing.walls.addresses import Address, addresses
from testing.walls.tenants import Tenant
from testing.walls.walk import METHODS, Walk
from whitelabel.models import WhiteLabel

CONSOLE = "/whitelabel/"
END = "/backoffice/look/end/"
OF_ONES_OWN = ("login/", "logout/", "password_change/", "password_change/done/")  # of the account of whoever looks
OF_THE_VISIT = {"sessions.Session", "usersessions.UserSession", "people.AuditEntry", "people.AuditHead"}


def begin(client: Client, white_label: WhiteLabel) -> int:
    return client.post(f"/backoffice/white-labels/{white_label.pk}/look/").status_code


@pytest.fixture
def owners(client: Client, owner: User, acme: WhiteLabel) -> Client:
    """The owner, who looks at Acme."""
    client.force_login(owner)
    assert begin(client, acme) == 302
    return client


def read(client: Client, address: str = CONSOLE) -> str:
    return unescape(client.get(address, follow=True).content.decode())


def everything() -> dict[str, list[Any]]:
    """Return every row of every table, but those of the visit itself."""
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in OF_THE_VISIT
    }


def of_the_console() -> Iterator[Address]:
    return (address for address in addresses(get_resolver().url_patterns) if str(address).startswith(CONSOLE))


def test_an_owner_sees_the_console_as_its_admins_with_a_banner_on_every_page(
    owners: Client, alice: User, acme: WhiteLabel
) -> None:
    make_application(alice, acme, "Shop of Acme")
    for page in ("", "email/", "applications/", "deliveries/", "messages/", "people/", "suppressed-addresses/"):
        html = read(owners, CONSOLE + page)
        assert "You look at <strong>Acme</strong> as its admins see it" in html
        assert "End the look" in html
    assert "Shop of Acme" in read(owners)
    assert "alice@acme.test" in read(owners, f"{CONSOLE}people/")


def test_the_menu_is_the_one_of_its_admins(owners: Client, alice: User) -> None:
    alices = Client()
    alices.force_login(alice)
    entries = [{item["title"] for item in group["items"]} for client in (owners, alices) for group in menu(client)]
    assert entries[0] == entries[1]


def menu(client: Client) -> list[dict[str, Any]]:
    return list(client.get(CONSOLE).context["sidebar_navigation"])


@pytest.mark.parametrize("role", ["nobody", "alice", "charlie", "support"])
def test_nobody_but_an_owner_looks(role: str, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel) -> None:
    client, people = Client(), {"alice": alice, "charlie": charlie, "support": make_support()}
    if role in people:
        client.force_login(people[role])
    assert begin(client, acme) in (302, 403)
    assert look.SESSION_KEY not in client.session
    assert not AuditEntry.objects.filter(act="look.begin").exists()


def test_a_white_label_that_is_absent_or_archived_is_not_looked_at(
    client: Client, owner: User, acme: WhiteLabel
) -> None:
    client.force_login(owner)
    WhiteLabel.objects.filter(pk=acme.pk).update(archived_at=timezone.now())
    assert begin(client, acme) == 404
    assert client.post("/backoffice/white-labels/987654/look/").status_code == 404


def test_an_owner_without_a_look_has_no_console_of_a_white_label(client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    assert client.get(CONSOLE).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_but_reading_is_answered(method: str, owners: Client, alices_rows: Tenant) -> None:
    begin(owners, alices_rows.row_of(WhiteLabel))
    before = everything()
    for address in of_the_console():
        if str(address).endswith(OF_ONES_OWN):
            continue
        for path in address.filled(str(alices_rows.number), own=str(alices_rows.number)):
            response = owners.generic(
                method, path, "action=delete_selected&post=yes", "application/x-www-form-urlencoded"
            )
            assert response.status_code == 403, path
            assert "Nothing was changed" in unescape(response.content.decode()), path
    assert everything() == before


def test_no_page_that_is_read_changes_anything(owners: Client, alices_rows: Tenant, settings: LazySettings) -> None:
    """Read marks, last uses, returns from a provider: whatever a GET may write."""
    settings.API_URL = "https://builder.example/api"
    owners.raise_request_exception = False
    begin(owners, alices_rows.row_of(WhiteLabel))
    before, answered = everything(), 0
    for address in of_the_console():
        for path in address.filled(str(alices_rows.number), own=str(alices_rows.number)):
            for query in ("", "?all=1&application=900177&code=x&state=x&error=x&_popup=1", "?white_label=1&q=a"):
                for method in ("GET", "HEAD", "OPTIONS"):
                    response = owners.generic(method, f"{path}{query}")
                    assert response.status_code < 500, path
                    answered += response.status_code == 200
            assert everything() == before, path
    assert answered > 100


def test_a_return_from_a_provider_is_not_read_for_it_stores_a_token(owners: Client) -> None:
    assert owners.get(f"{CONSOLE}email/signed-in/?code=x&state=x").status_code == 403


@pytest.fixture
def alices_rows(db: None) -> Tenant:
    return Tenant.furnish("qzacme", 900_177)


@pytest.mark.parametrize("method", METHODS)
def test_a_look_at_acme_shows_nothing_of_globex(method: str, client: Client, owner: User, alices_rows: Tenant) -> None:
    """The owner may see everything elsewhere: here it is Acme's console."""
    charlies = Tenant.furnish("qzglobex", 700_233)
    client.force_login(owner)
    begin(client, alices_rows.row_of(WhiteLabel))
    with time_machine.travel(timezone.now(), tick=False):
        walk = Walk(client, charlies, shut=lambda address, method: False, own=alices_rows.number)
        assert walk.findings(of_the_console(), [method]) == []


def test_a_message_that_is_looked_at_stays_unread_for_the_owner(owners: Client, alice: User, acme: WhiteLabel) -> None:
    platform = Mailbox.platform()
    thread = open_thread(sender=acme.mailbox, receiver=platform, subject="Hello", body="Please.", author=alice)
    domain = make_domain(acme)
    domain.thread = thread
    domain.save()
    for page in (f"messages/{thread.pk}/", f"email/domains/{domain.pk}/"):
        assert "Please." in read(owners, CONSOLE + page)
    assert Thread.objects.with_unread(platform, User.objects.get(is_superuser=True)).get().unread  # type: ignore[attr-defined]
    read(owners, f"/backoffice/messages/{thread.pk}/")
    assert not Thread.objects.with_unread(platform, User.objects.get(is_superuser=True)).get().unread  # type: ignore[attr-defined]


def test_no_form_that_changes_something_is_offered(
    owners: Client, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    settings.API_URL = "https://builder.example/api"
    shop, domain = make_application(alice, acme), make_domain(acme)
    key = make_key(shop, alice)
    thread = open_thread(sender=Mailbox.platform(), receiver=acme.mailbox, subject="Hello", body="Hi.", author=None)
    for page in (
        "", "email/", f"applications/{shop.pk}/change/", f"email/domains/{domain.pk}/", f"keys/{key.pk}/change/",
        f"messages/{thread.pk}/", "people/", f"people/{alice.pk}/suspend/", "keys/add/", "messages/new/",
        f"email/domains/{domain.pk}/links/", "choose/",
    ):  # fmt: skip
        forms = forms_of(read(owners, CONSOLE + page))
        assert forms <= {END, "/whitelabel/logout/", "/backoffice/logout/"}, page


def forms_of(html: str) -> set[str]:
    """Return where the forms of a page that post by a button lead to."""
    forms = re.findall(r"<form\b(?=[^>]*method=\"post\")(.*?)</form>", html, re.DOTALL | re.IGNORECASE)
    sent = (form for form in forms if 'type="submit"' in form)
    return {found.group(1) if (found := re.search(r'\saction="([^"]*)"', form)) else "here" for form in sent}


def test_an_owner_is_still_themselves_and_another_tab_of_their_console_goes_on(owners: Client, owner: User) -> None:
    assert owner.email in read(owners)
    assert owners.get("/backoffice/people/").status_code == 200
    added = owners.post("/backoffice/people/add/", {"name": "Dora", "email": "dora@x.test"})
    assert added.status_code == 302
    assert "You look at" not in read(owners, "/backoffice/")


def test_the_button_ends_it(owners: Client, acme: WhiteLabel) -> None:
    ended = owners.post(END)
    assert ended["Location"] == f"/backoffice/white-labels/{acme.pk}/change/"
    assert owners.get(CONSOLE).status_code == 403
    assert owners.post(END)["Location"] == "/backoffice/"


def test_it_ends_after_half_an_hour_with_words(owners: Client, owner: User) -> None:
    with time_machine.travel(timezone.now() + LASTS):
        said = owners.get(CONSOLE, follow=True)
        assert said.redirect_chain[0][0].startswith("/backoffice/white-labels/")
        assert "Your look at Acme is over" in unescape(said.content.decode())
        assert owners.get(CONSOLE).status_code == 403
    assert list(acts()) == ["look.begin", "look.end"]


def test_it_ends_so_too_where_only_the_owners_console_is_opened_again(owners: Client) -> None:
    with time_machine.travel(timezone.now() + LASTS):
        assert "Your look at Acme is over" in read(owners, "/backoffice/")
    assert list(acts()) == ["look.begin", "look.end"]


def test_it_ends_at_sign_out(owners: Client, owner: User) -> None:
    owners.post("/accounts/logout/")
    owners.force_login(owner)
    assert owners.get(CONSOLE).status_code == 403
    assert list(acts()) == ["look.begin", "look.end"]


LOSSES: dict[str, Callable[[User], object]] = {
    "a role": lambda owner: User.objects.filter(pk=owner.pk).update(is_superuser=False),
    "the account": lambda owner: User.objects.filter(pk=owner.pk).update(is_active=False),
}


@pytest.mark.parametrize("lost", LOSSES)
def test_it_ends_when_the_owner_loses_the_right(lost: str, owners: Client, owner: User) -> None:
    LOSSES[lost](owner)
    assert owners.get(CONSOLE).status_code == 302
    assert owners.get(CONSOLE).status_code in (302, 403)
    User.objects.filter(pk=owner.pk).update(is_superuser=True, is_active=True)
    assert owners.get(CONSOLE).status_code in (302, 403)


def test_it_ends_when_the_white_label_is_archived(owners: Client, acme: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(archived_at=timezone.now())
    assert owners.get(CONSOLE).status_code == 302


def test_one_look_at_a_time(owners: Client, globex: WhiteLabel) -> None:
    begin(owners, globex)
    assert "You look at <strong>Globex</strong>" in read(owners)
    assert list(acts()) == ["look.begin", "look.end", "look.begin"]


def test_an_owner_who_is_an_admin_somewhere_looks_at_another_and_comes_back(
    owners: Client, owner: User, acme: WhiteLabel
) -> None:
    mine = make_white_label("Initech", owner)
    assert "You look at <strong>Acme</strong>" in read(owners, f"{CONSOLE}?white_label={mine.pk}")
    assert owners.post(f"{CONSOLE}choose/", {"white_label": mine.pk}).status_code == 403
    assert WORKS_IN not in owners.session
    owners.post(END)
    page = read(owners)
    assert "Initech Apps" in page
    assert "You look at" not in page


def test_it_is_in_the_audit_log_with_the_white_label_and_in_words(
    owners: Client, owner: User, acme: WhiteLabel
) -> None:
    owners.post(END)
    entries = AuditEntry.objects.filter(act__startswith="look.").order_by("pk")
    assert [(entry.act, entry.person, entry.changes[0]["thing"]) for entry in entries] == [
        ("look.begin", owner, f"whitelabel.WhiteLabel {acme.pk}"),
        ("look.end", owner, f"whitelabel.WhiteLabel {acme.pk}"),
    ]
    page = read(owners, "/backoffice/audit/")
    assert "Begin to look at a white-label's console" in page
    assert "White-label Acme" in page


def test_the_white_labels_admins_read_of_it_in_their_activity(owners: Client, alice: User, globex: WhiteLabel) -> None:
    with time_machine.travel(timezone.now() + LASTS):
        owners.get(CONSOLE)
    alices = Client()
    alices.force_login(alice)
    page = read(alices, f"{CONSOLE}activity/")
    assert "Begin to look at a white-label's console" in page
    assert "End a look at a white-label's console" in page


def acts() -> Iterator[str]:
    return (entry.act for entry in AuditEntry.objects.filter(act__startswith="look.").order_by("pk"))
