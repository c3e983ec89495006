"""The log as it is read: every row once from page to page, whatever it is filtered by, and what a search finds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from delivery.api import send, send_bulk
from delivery.log import pages, terms
from delivery.log.pages import Reader
from delivery.log.search import Search
from delivery.models import Delivery, Email
from people.models import User
from testing.factories import make_application
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
PAGE = 10


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def fill(shop: Application, count: int = 35) -> list[int]:
    """Send that much mail, of every status, some of it at one moment; return the ids as the log lists them."""
    send_bulk(shop, to=[f"user{number}@users.test" for number in range(count)], subject="News", text="x")
    statuses = [status for status in Delivery.Status if status != Delivery.Status.SENDING]
    for place, delivery in enumerate(Delivery.objects.order_by("id")):
        status, back = statuses[place % len(statuses)], timedelta(days=place // 3)
        Delivery.objects.filter(pk=delivery.pk).update(status=status, accepted_at=delivery.accepted_at - back)
    return list(Delivery.objects.order_by("-accepted_at", "-pk").values_list("pk", flat=True))


def walked(reader: Reader) -> list[int]:
    """Return what one sees who goes from the newest page to the oldest."""
    seen = reader.page(PAGE)
    while older := reader.page(PAGE, older_than=seen[-1]):
        seen += older
    return seen


def test_every_row_is_on_one_page(shop: Application) -> None:
    listed = fill(shop)
    assert walked(Reader(Delivery.objects.all())) == listed


def test_a_page_is_found_from_its_older_neighbour_too(shop: Application) -> None:
    listed = fill(shop)
    assert Reader(Delivery.objects.all()).page(PAGE, newer_than=listed[20]) == listed[10:20]
    assert Reader(Delivery.objects.all()).page(PAGE, newer_than=0) == listed[-PAGE:]


def test_filtered_rows_are_paged_alike(shop: Application) -> None:
    listed = fill(shop)
    sent = set(Delivery.objects.filter(status="SENT").values_list("pk", flat=True))
    assert walked(Reader(Delivery.objects.filter(status="SENT"))) == [pk for pk in listed if pk in sent]


def test_a_row_that_is_on_its_way_is_in_the_log(shop: Application) -> None:
    fill(shop)
    pk = Delivery.objects.latest("accepted_at").pk
    Delivery.objects.filter(pk=pk).update(
        status="SENDING", lease="00000000-0000-0000-0000-000000000001", leased_until=timezone.now()
    )
    assert pk in walked(Reader(Delivery.objects.all()))


def test_rows_are_counted_up_to_a_bound(shop: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(shop)
    assert Reader(Delivery.objects.all()).count() == 35
    monkeypatch.setattr(pages, "COUNTED_MOST", 20)
    assert Reader(Delivery.objects.all()).count() == 21


def found(typed: str) -> set[str]:
    ids = Reader(Delivery.objects.all(), Search.of(typed)).page(PAGE)
    return set(Delivery.objects.filter(pk__in=ids).values_list("recipient", flat=True))


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "eve@users.test",
            "EVE@Users.Test",
            "eve@us",
            "<eve@users.test>",
            "eve@users.test,",
            "users.test",
            "@users.test",
        ),
        *("order", "ORDER", "your order", "straße", "STRASSE", "eve", "order eve@users.test", "o'hara's", "12-77"),
    ],
)
def test_mail_is_found_by_recipient_and_whole_words_of_the_subject(typed: str, shop: Application) -> None:
    send(shop, to="eve@users.test", subject="Your order 12-77 for O'Hara's, Hohe Straße", text="x")
    send(shop, to="fay@others.test", subject="Orderly", text="x")
    assert found(typed) == {"eve@users.test"}


@pytest.mark.parametrize(
    "typed", ["nobody@users.test", "orde", "' & |", "!", "\\", "a:*", "%", "_", "\x00", "x" * 3000]
)
def test_what_no_message_has_finds_none(typed: str, shop: Application) -> None:
    send(shop, to="eve@users.test", subject="Your order", text="x")
    assert found(typed) == set()


@pytest.mark.parametrize("typed", ["{}", "{}@users.test", "user@{}", "@{}", "{}.test", "user.{}"])
def test_what_folding_makes_longer_than_any_term_finds_none(typed: str, shop: Application) -> None:
    fill(shop, 1)
    assert Reader(Delivery.objects.all(), Search.of(typed.format("\u3316" * 200))).page(PAGE) == []


def test_of_several_recipients_the_one_is_found_who_was_asked_for(shop: Application) -> None:
    send(shop, to=["eve@users.test", "fay@others.test"], subject="Order", text="x")
    assert found("fay@others.test") == {"fay@others.test"}
    assert found("order") == {"eve@users.test", "fay@others.test"}


def test_mail_is_found_by_its_message_id_and_by_its_id(shop: Application) -> None:
    wanted, _ = (send(shop, to=f"{name}@users.test", subject="x", text="x") for name in ("eve", "fay"))
    for typed in (wanted.message_id, wanted.message_id.strip("<>"), str(wanted.pk)):
        assert found(typed) == {"eve@users.test"}


def accepted_before(days: int, shop: Application) -> int:
    """Send mail, as if so many days ago, and return the id of its delivery."""
    email = send(shop, to="eve@users.test", subject="Order", text="x")
    at = email.accepted_at - timedelta(days=days)
    marked = terms.stored("Order", ["eve@users.test"], application=shop.pk, tenant=shop.white_label_id or 0, at=at)
    Email.objects.filter(pk=email.pk).update(accepted_at=at, terms=marked)
    Delivery.objects.filter(email=email).update(accepted_at=at)
    return email.deliveries.get().pk


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("most", [2_000, 1, 0])
@pytest.mark.parametrize("patience_ms", [0, 60_000])
def test_a_search_goes_through_all_days(
    newer: bool, most: int, patience_ms: int, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "NEAR_MOST", most)
    expected = [accepted_before(days, shop) for days in (0, 1, 5, 40, 200)]
    reader = Reader(Delivery.objects.all(), Search.of("order"), patience_ms=patience_ms)
    if newer:
        assert reader.page(PAGE, newer_than=0) == expected
        assert reader.page(2, newer_than=expected[-1]) == expected[2:4]
    else:
        assert reader.page(PAGE) == expected
        assert reader.page(2, older_than=expected[0]) == expected[1:3]


@pytest.fixture
def _far_away_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a word have millions of messages wherever it is not looked for by days."""
    search = pages._search

    def slow(rows: Any, query: str, *more: Any) -> Any:
        if "#d" not in query:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
        return search(rows, query, *more)

    monkeypatch.setattr(pages, "_search", slow)


@pytest.mark.postgres
@pytest.mark.usefixtures("_far_away_takes_long")
def test_a_page_shows_what_is_near_and_says_how_far_it_looked(shop: Application, client: Client, owner: User) -> None:
    near, further, _ = (accepted_before(days, shop) for days in (0, 5, 200))
    client.force_login(owner)
    page = client.get("/backoffice/deliveries/?q=order")
    assert [delivery.pk for delivery in page.context["cl"].result_list] == [near, further]
    assert "2+ mails" in page.content.decode()
    assert "Looked back to" in page.content.decode()
    assert client.get("/backoffice/people/").status_code == 200


@pytest.mark.postgres
@pytest.mark.usefixtures("_far_away_takes_long")
def test_what_was_accepted_in_some_days_is_looked_for_there_alone(shop: Application, owner: User) -> None:
    expected = accepted_before(200, shop)
    since, until = (timezone.now() - timedelta(days=days) for days in (220, 190))
    rows = Delivery.objects.filter(accepted_at__gte=since, accepted_at__lte=until)
    found = Reader(rows, Search.of("order"), since=since, until=until, patience_ms=500).page(PAGE)
    assert (list(found), found.cut_at) == ([expected], None)


@pytest.mark.postgres
@pytest.mark.usefixtures("_far_away_takes_long")
def test_portions_of_a_search_go_on_where_patience_ended(shop: Application) -> None:
    expected = [accepted_before(days, shop) for days in (0, 5, 14)]
    reader, found, place = Reader(Delivery.objects.all(), Search.of("order"), patience_ms=100), [], None
    for _ in range(3):
        ids, place = reader.portion(PAGE, place)
        found += ids
    assert found == expected
    assert place


@pytest.mark.parametrize("typed", ["", "order"])
def test_portions_are_the_whole_log_in_its_order(typed: str, shop: Application) -> None:
    for days in (0, 0, 1, 5, 40, 200, 200):
        accepted_before(days, shop)
    reader = Reader(Delivery.objects.all(), Search.of(typed) if typed else None)
    listed = Delivery.objects.order_by("-accepted_at", "-pk").values_list("pk", flat=True)
    assert [pk for ids in reader.chunks(2) for pk in ids] == list(listed)


def test_without_an_index_a_search_says_how_far_it_looked(shop: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("It has an index.")
    monkeypatch.setattr(pages, "SEARCHED_MOST", 2)
    listed = [accepted_before(days, shop) for days in (0, 5, 200)]
    found = Reader(Delivery.objects.all(), Search.of("order")).page(PAGE)
    assert list(found) == listed[:2]
    assert found.cut_at == Delivery.objects.get(pk=listed[2]).accepted_at
