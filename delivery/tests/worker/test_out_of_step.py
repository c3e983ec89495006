"""A server that has lost track of a conversation fails no mail: that goes on over a fresh connection, or waits."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from delivery.models import Attempt, Delivery
from smtp_settings.models import ServerHealth
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

PHASES = pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "FINAL_DOT"])
USUAL = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "FINAL_DOT": "250 kept"}


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("status").values_list("status", flat=True))


@PHASES
def test_a_503_on_a_connection_that_has_served_costs_nothing(phase: str, server: LoopbackSmtpServer) -> None:
    server.script(phase, USUAL[phase], times=1)
    server.script(phase, "503 5.5.1 bad sequence of commands", times=1)
    drain(accept("eve@users.test", "fay@users.test", "gus@users.test")[0])
    assert statuses() == ["SENT"] * 3
    assert (len(server.messages), server.connections) == (3, 2)
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"SENT"}


@PHASES
def test_a_503_on_a_fresh_connection_puts_the_mail_off_and_counts_no_try(
    phase: str, server: LoopbackSmtpServer
) -> None:
    server.script(phase, "503 5.5.1 bad sequence of commands", times=1)
    delivery = drain(accept()[0])
    assert (delivery.status, delivery.attempt_count, server.connections) == ("DEFERRED", 0, 1)
    assert delivery.status_reason.startswith("The server lost track of the conversation (")
    make_due(delivery)
    assert (drain(delivery).status, server.connections) == ("SENT", 2)


def test_a_server_that_always_says_503_is_asked_twice_at_most_and_then_left_alone(server: LoopbackSmtpServer) -> None:
    server.script("MAIL", USUAL["MAIL"], times=1)
    server.script("MAIL", "503 5.5.1 bad sequence of commands")
    drain(accept("eve@users.test", "fay@users.test", "gus@users.test")[0])
    assert statuses() == ["DEFERRED", "QUEUED", "SENT"]
    assert (server.connections, ServerHealth.objects.get().failures) == (2, 1)


@pytest.mark.parametrize(("phase", "reply"), [("MAIL", "354 go on"), ("RCPT", "354 go on"), ("DATA", "250 ok")])
def test_replies_to_other_commands_are_taken_likewise(phase: str, reply: str, server: LoopbackSmtpServer) -> None:
    server.script(phase, USUAL[phase], times=1)
    server.script(phase, reply, times=1)
    drain(accept("eve@users.test", "fay@users.test")[0])
    assert (statuses(), server.connections) == (["SENT", "SENT"], 2)


def test_an_answer_to_the_message_that_is_none_is_said_in_plain_words(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", "354 go on", times=1)
    delivery = drain(accept()[0])
    assert delivery.status == "UNCERTAIN"
    assert delivery.status_reason == "The server's answer does not say whether it took the message: 354 go on"


@pytest.mark.parametrize("served", [0, 1])
def test_a_server_that_shuts_down_while_it_relays_gets_the_message_again_and_the_copy_is_called_possible(
    served: int, server: LoopbackSmtpServer
) -> None:
    server.script("FINAL_DOT", USUAL["FINAL_DOT"], times=served)
    server.script("FINAL_DOT", "421 4.3.2 Shutting down", times=1)
    drain(accept(*[f"user{number}@users.test" for number in range(served + 1)])[0])
    delivery = Delivery.objects.get(status="DEFERRED")
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):  # the server rests
        drain(delivery)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.possible_duplicate, delivery.attempt_count) == ("SENT", True, 1)


def test_a_limit_that_is_said_with_421_at_the_end_leaves_no_copy(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", "421 4.7.28 Our system has detected an unusual rate of unsolicited mail", times=1)
    assert not drain(accept()[0]).possible_duplicate
