"""An act on everything that the log shows: asked with its number, then a worker's, who can be stopped."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.shared_pages import bulk_acts, delivery_list
from delivery.log import pages, terms
from delivery.models import BulkAct, Delivery, Email
from people.models import User
from tables.statement_limit import CANCELLED
from testing import factories
from whitelabel.models import Application, WhiteLabel

LIST = "/whitelabel/deliveries/"
ACROSS = {"action": "cancel_selected", "select_across": "1", "index": "0"}
STATEMENTS_A_PORTION = 30

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def make_mail(application: Application, count: int, status: str = "QUEUED", **values: Any) -> None:
    white_label = application.white_label
    emails = [
        Email(
            application=application,
            white_label=white_label,
            message_id=f"<{n}@x.test>",
            subject=f"No. {n}",
            content=b"x",
        )
        for n in range(count)
    ]
    Email.objects.bulk_create(emails)
    tenant = white_label.pk if white_label else 0
    Delivery.objects.bulk_create(
        Delivery(email=email, recipient="eve@users.test", status=status, tenant=tenant, server_key="platform", **values)
        for email in emails
    )


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return factories.make_application(alice, acme)


@pytest.fixture
def console(client: Client, alice: User, shop: Application) -> Client:
    client.force_login(alice)
    return client


def ask(console: Client, path: str = LIST, **more: str) -> Any:
    first = Delivery.objects.latest("pk").pk
    return console.post(path, ACROSS | {"_selected_action": first} | more)


def begin(console: Client, path: str = LIST, **more: str) -> BulkAct:
    response = ask(console, path, agreed="1", **more)
    bulk = BulkAct.objects.get()
    assert response["Location"] == f"{LIST}bulk/{bulk.pk}/"
    return bulk


def test_it_is_asked_first_and_with_the_number(console: Client, shop: Application) -> None:
    make_mail(shop, 120)
    assert "Cancel 120 messages?" in ask(console).content.decode()
    assert not BulkAct.objects.exists()
    assert not Delivery.objects.filter(status="CANCELLED").exists()


def test_a_worker_does_it_within_the_filter_and_the_white_label(
    console: Client, shop: Application, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    first_of_alices = factories.make_white_label("Aardvark", alice)
    console.post("/whitelabel/choose/", {"white_label": acme.pk})
    make_mail(factories.make_application(alice, first_of_alices), 2)
    make_mail(factories.make_application(charlie, globex), 4)
    make_mail(shop, 2, status="HELD", due_at=None)
    make_mail(shop, 3)
    bulk = begin(console, f"{LIST}?status__exact=QUEUED")
    make_mail(shop, 5)  # accepted after it was asked for
    bulk_acts.run(bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.total, bulk.done, Delivery.objects.filter(status="CANCELLED").count()) == (3, 3, 3)
    shown = re.sub(r"\s+", " ", console.get(f"{LIST}bulk/{bulk.pk}/").content.decode())
    assert "3 of 3 messages looked at, 3 cancelled." in shown


def test_the_statements_grow_with_portions_and_not_with_rows(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 1200, status="FAILED", finished_at=timezone.now(), due_at=None)
    bulk = begin(console, action="retry_selected")
    with CaptureQueriesContext(connection) as statements:
        bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="QUEUED").count() == 1200
    assert len(statements) <= STATEMENTS_A_PORTION * 4


def test_some_that_were_ticked_are_acted_on_at_once_in_a_few_statements(console: Client, shop: Application) -> None:
    make_mail(shop, 50)
    ids = list(Delivery.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as statements:
        console.post(LIST, {"action": "cancel_selected", "_selected_action": ids})
    assert Delivery.objects.filter(status="CANCELLED").count() == 50
    assert len(statements) <= STATEMENTS_A_PORTION * 2


def test_others_are_spoken_of_only_where_there_are_some(console: Client, shop: Application) -> None:
    make_mail(shop, 2, "FAILED")
    chosen = list(Delivery.objects.values_list("pk", flat=True))
    posted = {"action": "retry_selected", "_selected_action": chosen}
    assert "2 will be sent again now." in console.post(LIST, posted, follow=True).content.decode()
    assert "Nothing was changed: the messages you chose" in console.post(LIST, posted, follow=True).content.decode()


def test_it_can_be_stopped_and_what_was_done_stays(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 30)
    bulk = begin(console)
    monkeypatch.setattr(bulk_acts, "PORTION", 10)
    perform = bulk_acts.perform

    def stopped_meanwhile(*args: Any) -> tuple[int, int]:
        console.post(f"{LIST}bulk/{bulk.pk}/stop/")
        return perform(*args)

    monkeypatch.setattr(bulk_acts, "perform", stopped_meanwhile)
    bulk_acts.run(bulk.pk)
    bulk.refresh_from_db()
    assert bulk.is_stopped
    assert bulk.done == 10
    assert Delivery.objects.filter(status="QUEUED").count() == 20
    assert "Stopped by" in console.get(f"{LIST}bulk/{bulk.pk}/").content.decode()


def test_another_worker_goes_on_where_one_died(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 30)
    bulk = begin(console)
    monkeypatch.setattr(bulk_acts, "PORTION", 10)
    assert bulk.claim()
    bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="QUEUED").count() == 30  # a worker is at it
    BulkAct.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="CANCELLED").count() == 30


def test_it_stops_with_the_right_of_whoever_asked(
    console: Client, shop: Application, acme: WhiteLabel, alice: User
) -> None:
    make_mail(shop, 3)
    bulk = begin(console)
    acme.admins.remove(alice)
    acme.viewers.add(alice)
    bulk_acts.run(bulk.pk)
    bulk.refresh_from_db()
    assert bulk.failure
    assert not Delivery.objects.filter(status="CANCELLED").exists()


@pytest.mark.parametrize("archived", [False, True], ids=["left", "archived"])
def test_it_never_goes_on_in_another_white_label_of_whoever_asked(
    archived: bool, console: Client, shop: Application, acme: WhiteLabel, alice: User, globex: WhiteLabel
) -> None:
    globex.admins.add(alice)
    make_mail(factories.make_application(alice, globex, name="Theirs"), 3)
    make_mail(shop, 3)
    bulk = begin(console)
    acme.admins.remove(alice)
    if archived:
        WhiteLabel.objects.filter(pk=acme.pk).update(archived_at=timezone.now())
        acme.admins.add(alice)
    bulk_acts.run(bulk.pk)
    bulk.refresh_from_db()
    assert bulk.failure
    assert not Delivery.objects.filter(status="CANCELLED").exists()


def test_nobody_else_sees_or_stops_it(
    console: Client, client: Client, shop: Application, charlie: User, globex: WhiteLabel
) -> None:
    make_mail(shop, 3)
    bulk = begin(console)
    client.force_login(charlie)
    assert client.get(f"{LIST}bulk/{bulk.pk}/").status_code == 404
    assert client.post(f"{LIST}bulk/{bulk.pk}/stop/").status_code == 404
    bulk.refresh_from_db()
    assert not bulk.stop_asked_by


def test_messages_whose_content_is_gone_are_not_sent_again(shop: Application) -> None:
    make_mail(shop, 2, status="FAILED", finished_at=timezone.now(), due_at=None)
    gone = Delivery.objects.latest("pk")
    Email.objects.filter(pk=gone.email_id).update(content=None)
    assert bulk_acts.perform(BulkAct.Act.RETRY, Delivery.objects.all(), "Alice") == (1, 2)


def test_what_is_scheduled_waits_for_its_time_again(shop: Application) -> None:
    make_mail(shop, 1, status="CANCELLED", finished_at=timezone.now(), due_at=None)
    at = timezone.now() + timedelta(days=1)
    Email.objects.update(scheduled_at=at)
    bulk_acts.perform(BulkAct.Act.RETRY, Delivery.objects.all(), "Alice")
    assert Delivery.objects.get().due_at == at


def test_times_of_a_filter_are_those_of_whoever_asked(console: Client, shop: Application, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Pacific/Auckland")
    make_mail(shop, 1, accepted_at=datetime(2026, 11, 10, 13, tzinfo=UTC))  # already the 11th there
    make_mail(shop, 1, accepted_at=datetime(2026, 11, 11, 13, tzinfo=UTC))
    first, second = Delivery.objects.order_by("accepted_at")
    bulk = begin(console, f"{LIST}?accepted_at_from_0=2026-11-11&accepted_at_to_0=2026-11-11")
    bulk_acts.run(bulk.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("CANCELLED", "QUEUED")


@pytest.mark.parametrize("all_of_them", ["1", "2", "on", "true", " 1"])
def test_however_all_are_chosen_it_is_asked_first(console: Client, shop: Application, all_of_them: str) -> None:
    make_mail(shop, 3)
    assert "Cancel 3 messages?" in ask(console, select_across=all_of_them).content.decode()
    assert not Delivery.objects.filter(status="CANCELLED").exists()


def test_a_long_one_lets_others_have_their_turn(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 50)
    bulk = begin(console)
    monkeypatch.setattr(bulk_acts, "PORTION", 1)
    bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="CANCELLED").count() == bulk_acts.PORTIONS_AT_ONCE
    bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="CANCELLED").count() == 2 * bulk_acts.PORTIONS_AT_ONCE


def test_of_one_white_label_they_are_done_one_after_another(
    console: Client, client: Client, shop: Application, charlie: User, globex: WhiteLabel
) -> None:
    make_mail(shop, 3)
    make_mail(factories.make_application(charlie, globex), 3)
    ask(console, agreed="1")
    ask(console, agreed="1")
    client.force_login(charlie)
    client.post(LIST, ACROSS | {"_selected_action": "1", "agreed": "1"})
    first, second, charlies = BulkAct.objects.order_by("pk")
    assert not second.claim()
    assert charlies.claim()
    bulk_acts.run(first.pk)
    assert second.claim()


def test_one_that_waits_for_its_turn_is_stopped_at_once(console: Client, shop: Application) -> None:
    make_mail(shop, 3)
    ask(console, agreed="1")
    ask(console, agreed="1")
    second = BulkAct.objects.latest("pk")
    console.post(f"{LIST}bulk/{second.pk}/stop/")
    second.refresh_from_db()
    assert second.is_stopped


def test_one_whose_filter_is_none_any_more_ends_and_says_so(console: Client, shop: Application) -> None:
    make_mail(shop, 3)
    bulk = begin(console)
    BulkAct.objects.update(query="since=never")
    bulk_acts.run(bulk.pk)
    bulk.refresh_from_db()
    assert bulk.finished_at
    assert bulk.failure


def run_to_its_end(bulk: BulkAct, runs: int = 20) -> BulkAct:
    """Run it as the beat does once each lease is over; return it."""
    for _ in range(runs):
        BulkAct.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        bulk_acts.run(bulk.pk)
    bulk.refresh_from_db()
    return bulk


def test_one_that_fails_is_tried_three_times_and_says_so(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_mail(shop, 3)
    bulk, tries = begin(console), list[str]()

    def fail(*_: Any) -> Any:
        tries.append("")
        raise RuntimeError("of no known kind")

    monkeypatch.setattr(bulk_acts, "perform", fail)
    run_to_its_end(bulk)
    assert len(tries) == len([record for record in caplog.records if record.exc_info]) == 3
    assert bulk.finished_at
    assert bulk.failure in console.get(f"{LIST}bulk/{bulk.pk}/").content.decode()
    assert "RuntimeError" not in bulk.failure


def test_one_that_gets_on_between_its_failures_is_not_given_up(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 8)
    bulk, perform, calls = begin(console), bulk_acts.perform, iter(range(100))

    def fail_every_other_time(*args: Any) -> tuple[int, int]:
        if next(calls) % 2:
            raise RuntimeError
        return perform(*args)

    monkeypatch.setattr(bulk_acts, "PORTION", 1)
    monkeypatch.setattr(bulk_acts, "perform", fail_every_other_time)
    run_to_its_end(bulk)
    assert (bulk.done, bulk.failure) == (8, "")


def test_the_next_one_begins_where_one_has_failed_for_good(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 3)
    ask(console, agreed="1")
    ask(console, agreed="1")
    second, first = BulkAct.objects.all()
    BulkAct.objects.filter(pk=first.pk).update(query="status__exact=QUEUED", tries=bulk_acts.TRIES - 1)
    monkeypatch.setattr(bulk_acts, "perform", lambda *_: 1 / 0)
    bulk_acts.run(first.pk)
    assert second.claim()


def terms_of(shop: Application, at: datetime) -> str:
    return terms.stored("No", ["eve@users.test"], application=shop.pk, tenant=shop.white_label_id or 0, at=at)


@pytest.mark.parametrize("query", ["", "?status__exact=QUEUED", "?q=no"])
def test_portions_go_on_in_the_order_of_the_log(
    query: str, console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 6)
    for place, delivery in enumerate(Delivery.objects.order_by("pk")):
        at = timezone.now() - timedelta(days=20 * place)
        Delivery.objects.filter(pk=delivery.pk).update(accepted_at=at)
        Email.objects.filter(pk=delivery.email_id).update(accepted_at=at, terms=terms_of(shop, at))
    bulk = begin(console, LIST + query)
    monkeypatch.setattr(bulk_acts, "PORTION", 2)
    monkeypatch.setattr(bulk_acts, "PORTIONS_AT_ONCE", 1)
    bulk_acts.run(bulk.pk)
    assert list(Delivery.objects.order_by("pk").filter(status="CANCELLED")) == list(Delivery.objects.order_by("pk")[:2])
    assert run_to_its_end(bulk).done == 6


def test_a_worker_whose_lease_another_has_meanwhile_does_nothing(
    console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mail(shop, 3)
    bulk, may_go_on = begin(console), bulk_acts._may_go_on

    def long(*args: Any) -> bool:
        BulkAct.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert BulkAct.objects.get().claim()
        return may_go_on(*args)

    monkeypatch.setattr(bulk_acts, "_may_go_on", long)
    bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="QUEUED").count() == 3


def test_neither_its_worker_counts_nor_does_it_read_a_page(console: Client, shop: Application) -> None:
    make_mail(shop, 3)
    bulk = begin(console)
    with CaptureQueriesContext(connection) as asked:
        bulk_acts.run(bulk.pk)
    assert not [each["sql"] for each in asked if "COUNT(" in each["sql"].upper()]


class TimeIsUp(Exception):
    sqlstate = CANCELLED


def no_count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Refuse to count, as a database whose time for it is up."""
    if "COUNT(*) FROM (" in sql:
        raise OperationalError from TimeIsUp()
    return execute(sql, params, many, context)


@pytest.mark.parametrize(("query", "said"), [("", "all that the list shows"), ("?q=no", "all that the search finds")])
def test_it_is_asked_and_done_without_a_count(query: str, said: str, console: Client, shop: Application) -> None:
    make_mail(shop, 50)
    Email.objects.update(terms=terms_of(shop, timezone.now()))
    with connection.execute_wrapper(no_count):
        assert f"Cancel {said}?" in ask(console, LIST + query).content.decode()
        bulk = begin(console, LIST + query)
    assert bulk.total is None
    assert run_to_its_end(bulk).done == 50


def test_beyond_what_is_counted_it_says_so(console: Client, shop: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "COUNTED_MOST", 10)
    monkeypatch.setattr(delivery_list, "COUNTED_MOST", 10)
    make_mail(shop, 12)
    assert "Cancel 10+ messages?" in ask(console).content.decode()
    assert begin(console).total is None


def newest_asked_for(page: Any) -> str:
    found = re.search(r'name="newest" value="(\d+)"', page.content.decode())
    assert found
    return found[1]


def test_what_is_accepted_while_somebody_is_asked_is_not_acted_on(console: Client, shop: Application) -> None:
    make_mail(shop, 3)
    newest = newest_asked_for(ask(console))
    make_mail(shop, 5)
    bulk = begin(console, newest=newest)
    bulk_acts.run(bulk.pk)
    assert (bulk.total, Delivery.objects.filter(status="CANCELLED").count()) == (3, 3)


@pytest.mark.parametrize("newest", ["9" * 18, "9" * 40, "", "x"])
def test_whoever_makes_up_what_was_newest_reaches_no_further_than_now(
    newest: str, console: Client, shop: Application
) -> None:
    make_mail(shop, 3)
    bulk = begin(console, newest=newest)
    make_mail(shop, 5)
    bulk_acts.run(bulk.pk)
    assert Delivery.objects.filter(status="QUEUED").count() >= 5


def test_what_is_newest_is_among_what_the_person_may_see(
    console: Client, shop: Application, charlie: User, globex: WhiteLabel
) -> None:
    make_mail(shop, 3)
    newest = Delivery.objects.latest("pk").pk
    make_mail(factories.make_application(charlie, globex), 3)
    assert newest_asked_for(ask(console)) == str(newest)
