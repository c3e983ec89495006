"""What is folded is counted once: late, doubled, killed and concurrent runs, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from delivery.figures import fold as folding
from delivery.figures.fold import fold
from delivery.figures.recount import recount
from delivery.models import Attempt, DailyFigure, Delivery, Email, HourlyFigure, ServerFigure, StatusChange
from delivery.models.figures import EVERYBODY
from delivery.outbox import retention
from delivery.tasks import clean_up
from people.models import User
from testing.factories import make_application
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def counted() -> dict[str, int]:
    """Return the figures by outcome, as the hours say; the days say the same."""
    by_hour, by_day = Counter[str](), Counter[str]()
    for model, sums in ((HourlyFigure, by_hour), (DailyFigure, by_day)):
        everybody = Counter[str]()
        for tenant, outcome, deliveries in model.objects.values_list("tenant", "outcome", "deliveries"):
            (everybody if tenant == EVERYBODY else sums)[outcome] += deliveries
        assert everybody == sums
    assert by_hour == by_day
    return dict(+by_hour)


def folded() -> dict[str, int]:
    """Fold twice, as two runs of the beat do: the second counts what the first has seen."""
    fold()
    fold()
    return counted()


def test_a_sent_mail_is_counted_by_application_white_label_and_server(
    server: LoopbackSmtpServer, shop: Application
) -> None:
    delivery = drain(accept(application=shop)[0])
    assert folded() == {"SENT": 1}
    figure = HourlyFigure.objects.exclude(tenant=EVERYBODY).get()
    assert (figure.application, figure.tenant, figure.server_key) == (shop.pk, delivery.tenant, delivery.server_key)
    assert figure.hour == int(delivery.email.accepted_at.timestamp()) // 3600


def test_a_mail_that_is_put_off_and_then_sent_is_counted_as_sent_alone(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "450 4.2.1 busy", times=1)
    delivery = drain(accept()[0])
    assert folded() == {"DEFERRED": 1}
    make_due(delivery)
    drain(delivery)
    assert folded() == {"SENT": 1}


def test_what_waits_its_turn_is_not_counted(server: LoopbackSmtpServer) -> None:
    accept("a@users.test", "b@users.test")
    assert folded() == {}


def test_a_mail_that_is_accepted_and_sent_costs_no_row_of_its_own(server: LoopbackSmtpServer) -> None:
    drain(accept()[0])
    assert not StatusChange.objects.exists()


@pytest.mark.parametrize("runs", [1, 2, 5])
def test_runs_that_are_doubled_count_nothing_twice(runs: int, server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.7.1 no", about="b@")
    for delivery in accept("a@users.test", "b@users.test", "c@users.test"):
        drain(delivery)
    for _ in range(runs):
        folded()
    assert counted() == {"SENT": 2, "FAILED": 1}


def test_a_failure_that_a_person_has_tried_again_is_no_failure_any_more(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.7.1 no", times=1)
    delivery = drain(accept()[0])
    assert folded() == {"FAILED": 1}
    assert delivery.retry()
    assert folded() == {}
    drain(delivery)
    assert folded() == {"SENT": 1}


def test_what_is_held_and_then_cancelled_moves(server: LoopbackSmtpServer) -> None:
    Delivery.objects.filter(pk=accept()[0].pk).update(status="HELD")
    assert folded() == {"HELD": 1}
    assert Delivery.objects.get().cancel("No more.")
    assert folded() == {"CANCELLED": 1}


def test_a_held_mail_for_another_server_is_counted_there(server: LoopbackSmtpServer) -> None:
    Delivery.objects.filter(pk=accept()[0].pk).update(status="HELD")
    folded()
    Delivery.objects.update(server_key="default")
    folded()
    assert list(
        HourlyFigure.objects.filter(deliveries=1).exclude(tenant=EVERYBODY).values_list("server_key", flat=True)
    ) == ["default"]


def test_a_run_that_is_killed_has_counted_nothing_and_the_next_counts_on(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for delivery in accept("a@users.test", "b@users.test", "c@users.test"):
        drain(delivery)
    monkeypatch.setattr(folding, "ATTEMPTS_AT_ONCE", 2)
    monkeypatch.setattr(folding, "_add_tries", dies_at_call(2, folding._add_tries))
    with pytest.raises(KeyboardInterrupt):
        folded()
    assert counted() == {"SENT": 2}
    monkeypatch.undo()
    assert folded() == {"SENT": 3}


def dies_at_call(last: int, act: Callable[..., None]) -> Callable[..., None]:
    calls = iter(range(1, last))

    def die(*given: object) -> None:
        act(*given)
        if next(calls, None) is None:
            raise KeyboardInterrupt

    return die


def test_runs_at_the_same_time_count_nothing_twice(server: LoopbackSmtpServer) -> None:
    for delivery in accept(*(f"{number}@users.test" for number in range(20))):
        drain(delivery)
    runs = [threading.Thread(target=fold_and_hang_up) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert folded() == {"SENT": 20}


def fold_and_hang_up() -> None:
    fold()
    connection.close()


@pytest.mark.postgres
def test_an_attempt_that_commits_after_a_later_one_is_counted(server: LoopbackSmtpServer) -> None:
    slow, quick = accept("slow@users.test")[0], accept("quick@users.test")[0]
    make_due(slow)
    written, committing = threading.Event(), threading.Event()
    late = threading.Thread(target=send_late, args=(slow, written, committing))
    late.start()
    written.wait()
    record_sent(quick)
    assert Attempt.objects.get().pk > 1, "its id is the later one"
    folded()
    committing.set()
    late.join()
    assert folded() == {"SENT": 2}


@pytest.mark.postgres
def test_an_attempt_that_commits_while_nobody_else_writes_is_counted(server: LoopbackSmtpServer) -> None:
    """No snapshot names a transaction that began after the last one that has ended."""
    slow = accept("slow@users.test")[0]
    fold()
    written, committing = threading.Event(), threading.Event()
    late = threading.Thread(target=send_late, args=(slow, written, committing))
    late.start()
    written.wait()
    assert folded() == {}
    committing.set()
    late.join()
    assert folded() == {"SENT": 1}


def send_late(delivery: Delivery, written: threading.Event, committing: threading.Event) -> None:
    with transaction.atomic():
        record_sent(delivery)
        written.set()
        committing.wait()
    connection.close()


def record_sent(delivery: Delivery) -> None:
    """Write what a worker writes when a server has taken a mail."""
    Delivery.objects.filter(pk=delivery.pk).update(status="SENT")
    Attempt.objects.create(delivery=delivery, rule=4, server_name="x:25", sender="x", outcome="SENT", phase="DONE")


def test_the_figures_stay_when_the_log_forgets(server: LoopbackSmtpServer, settings: object) -> None:
    drain(accept()[0])
    assert folded() == {"SENT": 1}
    settings.LOG_DAYS = 0  # type: ignore[attr-defined]
    assert retention.forget_rows() == 1
    assert folded() == {"SENT": 1}


def test_mail_is_forgotten_only_once_it_is_counted(server: LoopbackSmtpServer, settings: object) -> None:
    settings.LOG_DAYS = 0  # type: ignore[attr-defined]
    drain(accept()[0])
    assert retention.forget_rows() == 0
    assert folded() == {"SENT": 1}
    assert retention.forget_rows() == 1


def test_each_try_is_counted_for_its_server(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "450 4.2.1 busy", times=1)
    delivery = drain(accept()[0])
    make_due(delivery)
    drain(delivery)
    folded()
    tries = ServerFigure.objects.values_list("server_key", "outcome", "tries")
    assert set(tries) == {(delivery.server_key, "TRANSIENT", 1), (delivery.server_key, "SENT", 1)}


def test_counting_anew_says_what_folding_said(server: LoopbackSmtpServer, shop: Application) -> None:
    server.script("RCPT", "550 5.7.1 no", about="b@")
    server.script("RCPT", "450 4.2.1 busy", about="c@")
    for delivery in accept("a@users.test", "b@users.test", "c@users.test", application=shop):
        drain(delivery)
    folded()
    before = rows()
    assert recount() == 3
    assert rows() == before
    assert folded() == {"SENT": 1, "FAILED": 1, "DEFERRED": 1}


def test_counting_anew_makes_up_for_what_was_not_folded_yet(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.7.1 no", about="b@")
    for delivery in accept("a@users.test", "b@users.test"):
        drain(delivery)
    recount()
    assert not StatusChange.objects.exists()
    assert folded() == {"SENT": 1, "FAILED": 1}


@pytest.mark.parametrize("before", [fold, lambda: None], ids=["counted before", "never counted"])
def test_counting_anew_leaves_out_no_try_that_was_not_folded_yet(
    before: Callable[[], object], server: LoopbackSmtpServer
) -> None:
    drain(accept("a@users.test")[0])
    before()
    drain(accept("b@users.test")[0])
    recount()
    folded()
    assert ServerFigure.objects.get().tries == 2


@pytest.mark.parametrize("waits", [True, False], ids=["old mail waits", "the log is empty"])
def test_counting_anew_keeps_the_figures_of_what_is_forgotten(
    waits: bool, server: LoopbackSmtpServer, settings: object
) -> None:
    held, sent = accept("held@users.test")[0], accept("sent@users.test")[0]
    for delivery, days in ((held, 25), (sent, 20)):
        at = timezone.now() - timedelta(days=days)
        Delivery.objects.filter(pk=delivery.pk).update(accepted_at=at)
        Email.objects.filter(pk=delivery.email_id).update(accepted_at=at)
    Delivery.objects.filter(pk=held.pk).update(status="HELD", due_at=None)
    drain(sent)
    folded()
    settings.LOG_DAYS = 10  # type: ignore[attr-defined]
    assert retention.forget_rows() == 1
    if not waits:
        held.email.delete()
    recount()
    assert folded() == {"SENT": 1, "HELD": 1}


def rows() -> set[tuple[object, ...]]:
    names = ("hour", "application", "tenant", "server_key", "outcome", "deliveries")
    return set(HourlyFigure.objects.filter(deliveries__gt=0).values_list(*names))


def test_hours_of_long_ago_are_forgotten_and_their_days_are_not(server: LoopbackSmtpServer) -> None:
    drain(accept()[0])
    folded()
    HourlyFigure.objects.update(hour=1)
    clean_up()
    assert not HourlyFigure.objects.exists()
    assert DailyFigure.objects.get(tenant=EVERYBODY).deliveries == 1
