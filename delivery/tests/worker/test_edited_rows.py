"""A row of the outbox that somebody wrote into the database: it says nothing to the server, and stops no other mail."""

import pytest

from delivery.models import Delivery, Email
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

COMMANDS = "eve@users.test>\r\nRCPT TO:<mallory@users.test"


@pytest.mark.parametrize("recipient", [COMMANDS, "eve@users.test\n", "\r", "\x01@users.test", "\x85"])
def test_a_recipient_with_control_characters_is_held_and_the_others_leave(
    recipient: str, server: LoopbackSmtpServer
) -> None:
    edited, other = accept("eve@users.test")[0], accept("fay@users.test")[0]
    Delivery.objects.filter(pk=edited.pk).update(recipient=recipient)
    drain(other)
    assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == ["HELD", "SENT"]
    assert [message.recipients for message in server.messages] == [("fay@users.test",)]


@pytest.mark.parametrize("content", [b"", b"\xff", b"\r\n.\r\nMAIL FROM:<x@y.test>\r\n"])
def test_a_message_of_other_bytes_stops_no_other(content: bytes, server: LoopbackSmtpServer) -> None:
    edited, other = accept("eve@users.test")[0], accept("fay@users.test")[0]
    Email.objects.filter(pk=edited.email_id).update(content=content)
    assert drain(other).status == "SENT"
    assert {line for message in server.messages for line in message.recipients} <= {"eve@users.test", "fay@users.test"}
