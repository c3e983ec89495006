"""Over a limit mail waits and never fails; slots bound connections; the bulkhead keeps half of the threads free."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from delivery.models import ConnectionSlot, DailyCount, Delivery
from delivery.outbox.batch import claim
from delivery.outbox.route_cache import cached_route
from delivery.worker.bulkhead import Bulkhead
from delivery.worker.connection_pool import pool
from delivery.worker.send_policy import SendPolicy
from people.models import User
from smtp_settings.models import Communication, ServerHealth, SmtpServer
from testing.factories import make_application
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)

SIX = [f"user{number}@users.test" for number in range(6)]


def statuses() -> list[str]:
    return sorted(Delivery.objects.values_list("status", flat=True))


def test_a_server_takes_only_so_many_messages_a_minute(server: LoopbackSmtpServer) -> None:
    SmtpServer.objects.update(messages_per_minute=4)
    with time_machine.travel("2026-11-23T12:00:30Z"):
        delivery = drain(accept(*SIX)[0])
        assert statuses() == ["QUEUED"] * 2 + ["SENT"] * 4
    with time_machine.travel("2026-11-23T12:01:01Z"):
        drain(delivery)
        assert statuses() == ["SENT"] * 6


def test_what_was_allowed_and_not_used_is_given_back(server: LoopbackSmtpServer) -> None:
    SmtpServer.objects.update(messages_per_minute=100)
    drain(accept()[0])
    assert ServerHealth.objects.get().sent_in_minute == 1


def test_what_was_allowed_and_claimed_but_not_begun_is_given_back(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.worker.send_loop.LONGEST_BATCH_SECONDS", 0)
    SmtpServer.objects.update(messages_per_minute=6)
    with time_machine.travel("2026-11-23T12:00:00Z"):
        drain(accept(*SIX)[0])
    assert ServerHealth.objects.get().sent_in_minute == 0


def test_what_was_allowed_in_one_minute_is_not_given_back_to_the_next(db: None) -> None:
    health = ServerHealth.of("some")
    with time_machine.travel("2026-11-23T12:00:59Z"):
        assert health.take_allowance(4, per_minute=4) == 4
    with time_machine.travel("2026-11-23T12:01:00Z"):
        assert ServerHealth.of("some").take_allowance(4, per_minute=4) == 4
        health.give_allowance_back(4)
        assert ServerHealth.of("some").take_allowance(4, per_minute=4) == 0


def test_an_application_over_its_daily_limit_waits_for_tomorrow(
    alice: User, acme: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    application = make_application(alice, acme)
    application.daily_limit = 4
    application.save()
    with time_machine.travel("2026-11-23T12:00:00Z"):
        deliveries = accept(*SIX, application=application)
        drain(deliveries[0])
        held = Delivery.objects.filter(status="HELD")
        assert {delivery.status_reason for delivery in held} == {"The application has sent its 4 mails of today."}
        assert {str(delivery.due_at) for delivery in held} == {"2026-11-24 00:00:00+00:00"}
    with time_machine.travel("2026-11-24T00:01:00Z"):
        drain(deliveries[0])
        assert statuses() == ["SENT"] * 6


def test_what_counted_before_midnight_is_taken_back_from_that_day(alice: User, acme: WhiteLabel) -> None:
    Application.objects.filter(pk=make_application(alice, acme).pk).update(daily_limit=4)
    with time_machine.travel("2026-11-23T23:59:59Z"):
        (delivery,) = accept(application=Application.objects.get())
        (claimed,) = claim(delivery.server_key, limit=1).deliveries
        policy = SendPolicy([claimed])
        assert policy.permits(claimed, cached_route(claimed))
    with time_machine.travel("2026-11-24T00:00:01Z"):
        policy.refund(claimed)
    assert DailyCount.objects.get().sent == 0


def test_slots_bound_the_connections_of_all_workers(db: None) -> None:
    taken = [ConnectionSlot.take("some", most=2) for _ in range(3)]
    assert [slot is not None for slot in taken] == [True, True, False]
    assert taken[0]
    taken[0].release()
    assert ConnectionSlot.take("some", most=2)


def test_the_slot_of_a_dead_worker_is_free_after_its_lease(db: None) -> None:
    first = ConnectionSlot.take("some", most=1)
    assert first
    ConnectionSlot.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert ConnectionSlot.take("some", most=1)
    assert not first.renew()


def test_without_a_free_slot_a_run_does_nothing(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    for _ in range(5):
        ConnectionSlot.take(delivery.server_key, most=5)
    assert (drain(delivery).status, server.connections) == ("QUEUED", 0)


def test_a_connection_is_kept_between_two_runs(server: LoopbackSmtpServer) -> None:
    drain(accept()[0])
    drain(accept()[0])
    assert (len(server.messages), server.connections) == (2, 1)
    assert ConnectionSlot.objects.in_use(Communication.current().smtp.key).count() == 1


def test_a_connection_is_not_kept_across_a_change_of_the_server(server: LoopbackSmtpServer) -> None:
    drain(accept()[0])
    row = SmtpServer.objects.get()
    row.username = "somebody"
    row.seal_secret("else")
    row.save()
    delivery = accept()[0]
    drain(delivery)
    assert (delivery.status, server.connections) == ("DEFERRED", 2)


def test_an_idle_connection_that_the_server_closed_is_opened_again(server: LoopbackSmtpServer) -> None:
    drain(accept()[0])
    server.script("RSET", "close", times=1)
    assert drain(accept()[0]).status == "SENT"
    pool.close_idle()
    assert ConnectionSlot.objects.in_use(Communication.current().smtp.key).count() == 0


def test_servers_that_are_not_proven_share_half_of_the_threads(db: None) -> None:
    bulkhead = Bulkhead(4)
    with bulkhead.admit("a") as first, bulkhead.admit("b") as second, bulkhead.admit("c") as third:
        assert (first, second, third) == (True, True, False)
        ServerHealth.of("proven").note_success()
        with bulkhead.admit("proven") as fourth:
            assert fourth


def test_one_server_has_more_than_one_thread_only_in_the_first_half(db: None) -> None:
    bulkhead = Bulkhead(4)
    for key in ("proven", "other"):
        ServerHealth.of(key).note_success()
    with bulkhead.admit("proven") as first, bulkhead.admit("proven") as second, bulkhead.admit("proven") as third:
        assert (first, second, third) == (True, True, False)
        with bulkhead.admit("other") as other:
            assert other


def test_a_deferred_mail_does_not_count_twice_against_the_limit(
    alice: User, acme: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    application = make_application(alice, acme)
    application.daily_limit = 1
    application.save()
    server.script("RCPT", "450 4.2.1 busy", times=1)
    delivery = drain(accept(application=application)[0])
    make_due(delivery)
    assert drain(delivery).status == "SENT"
