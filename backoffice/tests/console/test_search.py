"""Ctrl+K finds what the person may see: pages, rows and mail, in few queries, and nothing is kept for anybody else."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.console import navigation
from delivery.api import send
from delivery.models import Delivery
from people.models import User
from testing import factories
from testing.queries import queries_of
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20
MENUS = {"owner": navigation.of_owner, "alice": navigation.of_white_label}


def hits(client: Client, typed: str, console: str = "backoffice") -> list[str]:
    """Return what is found, each by its title."""
    answer = client.get(f"/{console}/search/", {"s": typed, "extended": "1"})
    assert answer.status_code == 200
    return re.findall(r'class="search-title">(.*?)</span>', answer.content.decode())


def mail(application: Application, to: str, subject: str = "Points") -> Delivery:
    return send(application, to=to, subject=subject, text="x").deliveries.get()


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return factories.make_application(alice, acme)


@pytest.mark.parametrize("who", MENUS)
def test_every_page_of_the_menu_is_found_by_its_name(
    who: str, client: Client, acme: WhiteLabel, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    console = "backoffice" if who == "owner" else "whitelabel"
    first = client.get(f"/{console}/")
    for item in [item for group in MENUS[who](first.wsgi_request) for item in group["items"]]:
        assert item["title"] in hits(client, item["title"][:4].upper(), console)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("acme", "Acme"),
        ("ACM", "Acme"),
        ("sho", "Shop"),
        ("alice", "alice@acme.test"),
        ("Alice Ar", "alice@acme.test"),
        ("acme.te", "acme.test"),
        ("dana@us", "dana@users.test"),
        ("DAN", "dana@users.test"),
        ("smtp", "Communication"),
        ("password", "Change password"),
    ],
)
def test_the_owner_finds_each_kind(
    typed: str, title: str, client: Client, owner: User, alice: User, shop: Application, acme: WhiteLabel
) -> None:
    User.objects.filter(pk=alice.pk).update(name="Alice Archer")
    factories.make_domain(acme)
    mail(shop, "dana@users.test")
    client.force_login(owner)
    assert title in hits(client, typed)


def test_a_state_within_a_line_keeps_its_abbreviations(client: Client, owner: User, acme: WhiteLabel) -> None:
    factories.make_domain(acme, state="VERIFYING")
    client.force_login(owner)
    found = client.get("/backoffice/search/", {"s": "acme.te", "extended": "1"}).content.decode()
    assert "Acme, waiting for DNS" in found


def test_mail_is_found_by_every_id_it_has(client: Client, owner: User, shop: Application) -> None:
    found = mail(shop, "dana@users.test")
    mail(shop, "eve@users.test")
    client.force_login(owner)
    message_id = found.email.message_id
    for typed in (str(found.pk), str(found.email_id), message_id, f"<{message_id.strip('<>')}>"):
        assert hits(client, typed) == ["dana@users.test"]


def test_a_word_of_a_subject_is_no_recipient(client: Client, owner: User, shop: Application) -> None:
    mail(shop, "eve@users.test", subject="Dana")
    client.force_login(owner)
    assert hits(client, "dana") == []


def test_a_white_label_finds_its_own_and_nothing_of_others(
    client: Client, alice: User, charlie: User, shop: Application, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    theirs = factories.make_application(charlie, globex, "Shop of Globex")
    found = [mail(each, "dana@users.test") for each in (shop, theirs)]
    factories.make_domain(globex, "globex.test")
    client.force_login(alice)
    assert hits(client, "shop", "whitelabel") == ["Shop"]
    assert hits(client, "dana", "whitelabel") == ["dana@users.test"]
    for typed in ("globex", "charlie", str(found[1].pk), str(found[1].email_id), found[1].email.message_id):
        assert hits(client, typed, "whitelabel") == []
    assert hits(client, "alice", "whitelabel") == ["alice@acme.test"]


def test_support_finds_no_people_and_a_viewer_no_colleagues(
    client: Client, alice: User, bob: User, shop: Application, acme: WhiteLabel
) -> None:
    acme.admins.remove(bob)
    acme.viewers.add(bob)
    client.force_login(factories.make_support())
    assert hits(client, "alice") == []
    assert hits(client, "communication") == []
    assert hits(client, "shop") == ["Shop"]
    client.force_login(bob)
    assert hits(client, "alice", "whitelabel") == []
    assert hits(client, "activity", "whitelabel") == []
    assert hits(client, "shop", "whitelabel") == ["Shop"]


def test_nothing_found_stays_for_who_has_lost_a_right(client: Client, owner: User, alice: User) -> None:
    client.force_login(owner)
    assert hits(client, "alice") == ["alice@acme.test"]
    User.objects.filter(pk=owner.pk).update(is_superuser=False)
    assert hits(client, "alice") == []
    User.objects.filter(pk=owner.pk).update(is_active=False)
    answer = client.get("/backoffice/search/", {"s": "alice"})
    assert (answer.status_code, answer.content) == (302, b"")


def test_nothing_found_in_one_console_is_shown_in_the_other(
    client: Client, alice: User, charlie: User, shop: Application, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    factories.make_application(charlie, globex, "Shop of Globex")
    User.objects.filter(pk=alice.pk).update(is_superuser=True, is_staff=True)
    client.force_login(alice)
    assert len(hits(client, "shop")) == 2
    assert hits(client, "shop", "whitelabel") == ["Shop"]
    globex.admins.add(alice)
    client.post("/whitelabel/choose/", {"white_label": globex.pk})
    assert hits(client, "shop", "whitelabel") == ["Shop of Globex"]


def test_a_look_finds_what_its_white_label_does(
    client: Client, owner: User, charlie: User, shop: Application, globex: WhiteLabel
) -> None:
    factories.make_application(charlie, globex, "Shop of Globex")
    client.force_login(owner)
    client.post(f"/backoffice/white-labels/{globex.pk}/look/")
    assert hits(client, "shop", "whitelabel") == ["Shop of Globex"]


@pytest.mark.parametrize(
    "typed", ["", " ", "a" * 3000, "%", "_", "\\", "'", "é", "\u0130", "1" * 30, "a b c d e f g h i"]
)
def test_whatever_is_typed_is_answered(typed: str, client: Client, owner: User, shop: Application) -> None:
    mail(shop, "dana@users.test")
    client.force_login(owner)
    assert "dana@users.test" not in hits(client, typed)


def test_a_name_is_text(client: Client, owner: User) -> None:
    factories.make_application(owner, name="<b>Shop</b>")
    client.force_login(owner)
    assert hits(client, "shop") == ["&lt;b&gt;Shop&lt;/b&gt;"]


def test_a_search_costs_few_queries_each_with_a_limit(client: Client, owner: User, shop: Application) -> None:
    client.force_login(owner)
    mail(shop, "shop@users.test")
    few = queries_of(client, "/backoffice/search/?s=shop")
    Application.objects.bulk_create(Application(name=f"Shop {n}", owner=owner) for n in range(30))
    for number in range(10):
        mail(shop, f"shop{number}@users.test")
    with CaptureQueriesContext(connection) as asked:
        assert len(hits(client, "shop")) == 10
    assert len(asked) <= few <= MOST_QUERIES, "few, for it looks beyond the last days where these do not fill the page"
    reading = [each["sql"] for each in asked if "UPPER" in each["sql"] or "LIKE" in each["sql"]]
    assert reading
    assert all("LIMIT" in sql for sql in reading)


@pytest.mark.parametrize("console", ["backoffice", "whitelabel"])
def test_every_page_has_its_button_and_its_dialog(
    console: str, client: Client, owner: User, alice: User, acme: WhiteLabel
) -> None:
    client.force_login(owner if console == "backoffice" else alice)
    for page in ("", "applications/", "messages/"):
        html = client.get(f"/{console}/{page}").content.decode()
        assert 'data-search="console-search"' in html
        assert f'hx-get="/{console}/search/"' in html
    assert "console-search" not in Client().get("/accounts/login/").content.decode()
