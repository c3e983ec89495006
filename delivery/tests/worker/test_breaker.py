"""A server in trouble: failures are counted, mail is held visibly, one probe at a time goes through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from delivery.models import Attempt, Delivery
from delivery.worker.connection_pool import pool
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import Communication, ServerHealth
from smtp_settings.scope import SECOND
from testing.factories import give_own_smtp, make_application, make_server
from testing.fixtures import SmtpServerFactory
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


def fail_three_times(server: LoopbackSmtpServer) -> None:
    server.script("CONNECT", "421 4.3.2 too busy", times=3)
    for delivery in accept("a@users.test", "b@users.test", "c@users.test"):
        make_due(delivery)
        drain(delivery)


def open_until_passed() -> None:
    ServerHealth.objects.update(open_until=timezone.now() - timedelta(seconds=1))


def test_a_probe_that_is_refused_for_its_own_sake_closes_the_breaker(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    open_until_passed()
    Delivery.objects.update(status="FAILED")
    server.script("RCPT", "554 5.7.1 Relay access denied", times=1)
    accept("eve@users.test", "fay@users.test", "gil@users.test")
    drain(Delivery.objects.latest("pk"))
    assert Delivery.objects.filter(status="SENT").count() == 2
    assert not ServerHealth.objects.get().is_open


@pytest.mark.parametrize("phase", ["RCPT", "FINAL_DOT"])
def test_one_mail_that_fails_again_and_again_opens_no_breaker(phase: str, server: LoopbackSmtpServer) -> None:
    server.script(phase, "451 4.3.0 Error: queue file write error", times=4)
    (delivery,) = accept()
    for _ in range(4):
        make_due(delivery)
        drain(delivery)
    assert (delivery.attempts.count(), ServerHealth.objects.get().failures) == (4, 1)
    (other,) = accept("fay@users.test")
    assert drain(other).status == "SENT"


def test_three_failures_in_a_row_open_the_breaker_and_hold_the_mail(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    (delivery,) = accept()
    assert drain(delivery).status == "HELD"
    assert delivery.status_reason == "The platform's SMTP server is not available: Connecting: 421 4.3.2 too busy"
    assert delivery.due_at == ServerHealth.objects.get().open_until
    assert server.connections == 3


def test_the_first_probe_comes_within_seconds(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    until = ServerHealth.objects.get().open_until
    assert until
    assert timedelta(seconds=5) < until - timezone.now() < timedelta(seconds=10)


def test_a_server_that_took_mail_a_moment_ago_is_tried_again_before_its_mail_is_held(
    server: LoopbackSmtpServer,
) -> None:
    drain(accept()[0])
    pool.close_idle()
    server.script("CONNECT", "421 4.3.2 shutting down", times=2)
    first, *_ = accept("a@users.test", "b@users.test", "c@users.test")
    for _ in range(6):
        drain(first)
        rest()
    assert set(Delivery.objects.values_list("status", flat=True)) == {"SENT"}
    assert Attempt.objects.exclude(outcome="SENT").count() == 2
    assert (ServerHealth.objects.get().failures, ServerHealth.objects.get().is_resting) == (0, False)


def rest() -> None:
    """Let the rest of a server be over."""
    ServerHealth.objects.filter(rest_until__isnull=False).update(rest_until=timezone.now())


def test_connections_that_end_at_once_are_one_step(server: LoopbackSmtpServer) -> None:
    with ThreadPoolExecutor(4) as threads:
        began = timezone.now() - timedelta(seconds=1)
        list(threads.map(lambda _: fail(began), range(4)))
    assert ServerHealth.objects.get(key="some").failures == 1


def fail(began: datetime) -> None:
    try:
        ServerHealth.of("some").note_failure("down", since=began)
    finally:
        connection.close()


def test_it_stays_open_longer_each_time(server: LoopbackSmtpServer) -> None:
    health = ServerHealth.of("some")
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        waits = [health.note_failure("down") for _ in range(7)]
        assert waits[:2] == [None, None]
        minutes = [(until - timezone.now()).total_seconds() / 60 for until in waits[2:] if until]
    assert minutes == pytest.approx([7 / 60, 1, 5, 15, 30])


def test_when_its_time_is_up_one_probe_goes_through_and_closes_it(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    deliveries = accept("d@users.test", "e@users.test")
    open_until_passed()
    assert drain(deliveries[0]).status == "SENT"
    assert drain(deliveries[1]).status == "SENT"
    assert (ServerHealth.objects.get().failures, ServerHealth.objects.get().open_until) == (0, None)


def test_while_somebody_probes_nobody_else_does(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    open_until_passed()
    health = ServerHealth.objects.get()
    assert [health.take_probe(), health.take_probe()] == [True, False]
    (delivery,) = accept()
    assert drain(delivery).status == "QUEUED"


def test_a_failed_probe_opens_it_again(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    open_until_passed()
    server.script("CONNECT", "close", times=1)
    (delivery,) = accept()
    drain(delivery)
    assert ServerHealth.objects.get().keeps_back
    assert ServerHealth.objects.get().openings == 2


def test_a_failure_of_the_mail_is_none_of_the_server(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.7.1 not you")
    for delivery in accept("a@users.test", "b@users.test", "c@users.test", "d@users.test"):
        assert drain(delivery).status == "FAILED"
    assert ServerHealth.objects.get().failures == 0


def test_the_platforms_second_server_takes_over_while_the_first_is_open(
    server: LoopbackSmtpServer, smtp_server_factory: SmtpServerFactory
) -> None:
    second = smtp_server_factory()
    communication = Communication.current()
    values = {"scope_key": SECOND, "secret": "secret", "sender_address": "second@platform.test"}
    communication.standby = make_server(**values | second.fields)
    communication.save()
    fail_three_times(server)
    (delivery,) = accept()
    drain(delivery)
    assert drain(delivery).status == "SENT"
    assert second.messages[0].sender == "second@platform.test"
    assert "second SMTP server takes over" in str(delivery.attempts.get().reasons)


@pytest.mark.parametrize(("consent", "ends"), [(True, "SENT"), (False, "HELD")])
def test_only_with_consent_an_open_own_server_falls_back(
    consent: bool, ends: str, alice: User, acme: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    own = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, host="localhost", port=1)
    give_own_smtp(acme, own, fall_back=consent)
    for _ in range(3):
        ServerHealth.of(own.key).note_failure("down")
    (delivery,) = accept(application=make_application(alice, acme))
    drain(delivery)
    assert drain(delivery).status == ends


def test_a_reset_after_a_green_check_closes_it_at_once(server: LoopbackSmtpServer) -> None:
    fail_three_times(server)
    ServerHealth.objects.get().reset()
    (delivery,) = accept()
    assert drain(delivery).status == "SENT"


def test_the_server_default_has_a_breaker_too(settings: LazySettings) -> None:
    settings.DEFAULT_SMTP = settings.DEFAULT_SMTP | {"host": "127.0.0.1", "port": 1}
    (delivery,) = accept()
    for _ in range(4):
        make_due(delivery)
        drain(delivery)
    assert ServerHealth.objects.get(key="default").keeps_back
    assert delivery.status == "HELD"
