"""What a session answers to whatever a client says."""

import base64
import smtplib
import socket

import pytest
from django.db import connection

from delivery.models import Email
from testing.servers.submission import SubmissionProcess

MESSAGE = b"Subject: Hello\r\n\r\nIt works.\r\n"
SENDER, DANA = "shop@acme.test", "dana@customer.test"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def content() -> bytes:
    return bytes(Email.objects.get().content or b"")


def test_auth_plain_in_two_steps_with_an_authzid_and_lower_case_verbs(door: SubmissionProcess, secret: str) -> None:
    with door.connected() as client:
        assert client.docmd("auth plain") == (334, b"")
        assert client.docmd(b64(f"other\0key\0{secret}"))[0] == 235
        assert client.docmd("AUTH", "PLAIN")[0] == 503


@pytest.mark.parametrize("first", ["AUTH LOGIN", f"AUTH login {b64('key')}"])
def test_auth_login_with_the_user_name_in_the_command_or_asked_for(
    door: SubmissionProcess, secret: str, first: str
) -> None:
    with door.connected() as client:
        code, challenge = client.docmd(first)
        if challenge == b64("Username:").encode():
            code, challenge = client.docmd(b64("anybody"))
        assert (code, challenge) == (334, b64("Password:").encode())
        assert client.docmd(b64(secret))[0] == 235


@pytest.mark.parametrize("line", ["AUTH", "AUTH CRAM-MD5", "AUTH PLAIN ???", "AUTH PLAIN =", "AUTH PLAIN Zm9v"])
def test_a_sign_in_that_cannot_be_understood_is_an_error_of_the_client(door: SubmissionProcess, line: str) -> None:
    with door.connected() as client:
        code, text = client.docmd(line)
        assert code in (501, 504)
        assert text.startswith(b"5.5.")
        assert client.noop()[0] == 250


def test_a_password_that_is_said_as_a_command_is_neither_logged_nor_repeated(
    door: SubmissionProcess, secret: str
) -> None:
    said = [secret, b64(secret), b64(f"\0key\0{secret}")]
    with door.connected() as client:
        replies = [client.docmd(line) for line in said]
    assert set(replies) == {(500, b"5.5.2 This command is not known here")}
    log = door.log.read_text().lower()
    assert [line for line in said if line.lower() in log] == []


def test_three_wrong_keys_end_a_session(door: SubmissionProcess) -> None:
    with door.connected("127.0.0.3") as client:
        codes = [client.docmd("AUTH", f"PLAIN {b64(chr(0) + 'key' + chr(0) + 'wrong')}")[0] for _ in range(3)]
        assert codes == [535, 535, 421]
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()


def test_commands_sent_ahead_are_answered_in_their_order(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.send(b"MAIL FROM:<a@b.test> SIZE=10 BODY=8BITMIME AUTH=<>\r\nRCPT TO:<nobody>\r\n")
        client.send(b"RCPT TO:<dana@customer.test>\r\nDATA\r\n")
        codes = [client.getreply() for _ in range(4)]
        client.send(MESSAGE + b".\r\nMAIL FROM:<>\r\nRSET\r\nNOOP\r\n")
        codes += [client.getreply() for _ in range(4)]
    assert [code for code, _ in codes] == [250, 553, 250, 354, 250, 250, 250, 250]
    assert Email.objects.count() == 1


def test_commands_in_clear_behind_starttls_are_forgotten(door: SubmissionProcess) -> None:
    with door.clear_socket() as clear:
        file = clear.makefile("rb")
        file.readline()
        clear.sendall(b"EHLO x\r\n")
        while not file.readline().startswith(b"250 "):
            pass
        clear.sendall(b"STARTTLS\r\nEHLO injected\r\nVRFY x\r\n")
        assert file.readline().startswith(b"220")
        with door.tls.wrap_socket(clear, server_hostname="localhost") as secure:
            secure.sendall(b"NOOP\r\n")
            assert secure.recv(100).startswith(b"250 2.0.0")


def test_every_reply_but_a_greetings_has_an_enhanced_code(door: SubmissionProcess, secret: str) -> None:
    lines = [
        "NOOP",
        "RSET",
        "VRFY x",
        "HELP",
        "EXPN x",
        "RCPT TO:<a@b.test>",
        "DATA",
        "MAIL FROM:",
        "MAIL FROM:<a@b.c> X=1",
    ]
    with door.signed_in(secret) as client:
        replies = [(line, client.docmd(line)) for line in [*lines, "QUIT"]]
    assert [line for line, (code, text) in replies if not text.startswith(b"%d." % (code // 100))] == []


def test_a_hundred_recipients_are_taken_and_the_next_one_is_told_to_wait(door: SubmissionProcess, secret: str) -> None:
    people = [f"person{number}@customer.test" for number in range(102)]
    with door.signed_in(secret) as client:
        refused = client.sendmail(SENDER, people, MESSAGE)
    assert {code for code, _ in refused.values()} == {452}
    assert sorted(refused) == people[100:]
    assert all(text.startswith(b"4.5.3") for _, text in refused.values())
    assert Email.objects.get().deliveries.count() == 100


def test_one_recipient_named_twice_gets_one_message(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA, "Dana@Customer.Test", DANA], MESSAGE)
    assert Email.objects.get().deliveries.count() == 1


@pytest.mark.parametrize(
    "data", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n.\nMAIL FROM:<x@y.test>\r\n", b"a\n.\r\nb\r\n", b"a\n" * 60_000 + b"\r\n"]
)
def test_a_bare_line_end_refuses_the_message_and_the_session_goes_on(
    door: SubmissionProcess, secret: str, data: bytes
) -> None:
    with door.signed_in(secret) as client:
        client.mail(SENDER)
        client.rcpt(DANA)
        client.docmd("DATA")
        client.send(data + b"\r\n.\r\n")
        code, text = client.getreply()
        assert (code, text[:5]) == (550, b"5.6.0")
        assert b"--crlf" in text
        assert client.sendmail(SENDER, [DANA], MESSAGE) == {}
    assert Email.objects.count() == 1


def test_dots_at_the_beginning_of_lines_arrive(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA], b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\n")
    assert content().endswith(b"\r\n\r\n.\r\n..\r\n.a\r\n")


def test_a_message_that_begins_with_its_end_is_empty_and_refused(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.mail(SENDER)
        client.rcpt(DANA)
        client.docmd("DATA")
        assert client.docmd(".")[0] == 550
        assert client.noop()[0] == 250


def test_what_is_too_large_is_refused_at_mail_and_at_the_end(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        most = int(client.esmtp_features["size"])
        refusal = (552, b"5.3.4 At most %d octets are taken" % most)
        assert client.docmd("MAIL", f"FROM:<a@b.test> SIZE={most + 1}") == refusal
        client.mail(SENDER)
        client.rcpt(DANA)
        assert client.data(b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * (most // 72 + 1)) == refusal
        assert client.sendmail(SENDER, [DANA], MESSAGE) == {}


def test_what_becomes_too_large_by_encoding_is_refused_as_too_large(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.mail(SENDER)
        client.rcpt(DANA)
        code, text = client.data(b"Subject: x\r\n\r\n" + (b"\xfc" * 2000 + b"\r\n") * 7000)
        assert (code, text[:5]) == (552, b"5.3.4")


def test_a_large_message_arrives_octet_by_octet(door: SubmissionProcess, secret: str) -> None:
    body = b"".join(b"%070d\r\n" % number for number in range(140_000))
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA], b"Subject: x\r\n\r\n" + body)
    assert content().partition(b"\r\n\r\n")[2] == body


def test_unknown_commands_end_a_session_such_as_a_body_whose_dots_were_not_doubled(
    door: SubmissionProcess, secret: str
) -> None:
    with door.signed_in(secret) as client:
        client.mail(SENDER)
        client.rcpt(DANA)
        client.docmd("DATA")
        client.send(b"Subject: x\r\n\r\nabove\r\n.\r\nbelow is\r\nthe rest\r\nof the\r\nbody\r\n.\r\nQUIT\r\n")
        codes = []
        with pytest.raises(smtplib.SMTPServerDisconnected):
            codes += [client.getreply()[0] for _ in range(20)]
    assert Email.objects.count() == 1


def test_a_line_without_an_end_is_not_kept_in_memory(door: SubmissionProcess) -> None:
    with door.connected() as client:
        before = door.memory_bytes
        for _ in range(8):
            client.send(b"x" * 4_000_000)
        assert door.memory_bytes - before < 20_000_000
        client.send(b"\r\n")
        assert client.getreply() == (500, b"5.5.2 Command line too long")


def test_the_null_reverse_path_stays(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.sendmail("", [DANA], MESSAGE)
        client.sendmail(SENDER, [DANA], MESSAGE)
    assert list(Email.objects.order_by("accepted_at").values_list("null_reverse_path", flat=True)) == [True, False]


def test_received_names_the_client_without_what_it_made_up(door: SubmissionProcess, secret: str) -> None:
    with door.connected() as client:
        client.send("EHLO Anna's\t<iMac>ü\r\n".encode())
        assert client.getreply()[0] == 250
        client.login("key", secret)
        client.sendmail(SENDER, [DANA], MESSAGE)
    assert content().startswith(b"Received: from Anna?s??iMac?")
    assert b"([127.0.0.1])\r\n by " in content()
    assert b" with ESMTPSA id " in content()


def test_an_address_that_needs_smtputf8_is_taken_where_that_was_said(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.docmd("MAIL", "FROM:<a@b.test>")
        client.send("RCPT TO:<zoë@customer.test>\r\n".encode())
        assert client.getreply()[1].startswith(b"5.6.7")
        client.rset()
        client.docmd("MAIL", "FROM:<a@b.test> SMTPUTF8")
        client.send("RCPT TO:<zoë@customer.test>\r\n".encode())
        assert client.getreply()[0] == 250


def test_while_the_outbox_is_away_the_client_keeps_its_mail(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.mail(SENDER)
        client.rcpt(DANA)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE delivery_delivery RENAME TO delivery_away")
        try:
            assert client.data(MESSAGE)[1].startswith(b"4.3.0")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE delivery_away RENAME TO delivery_delivery")
        assert Email.objects.count() == 0
        assert client.sendmail(SENDER, [DANA], MESSAGE) == {}


@pytest.mark.parametrize("rubbish", [b"\x16\x03\x01\x02", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100, b"EHLO \xff\r\n"])
def test_rubbish_in_clear_harms_nobody(door: SubmissionProcess, secret: str, rubbish: bytes) -> None:
    with door.clear_socket() as clear:
        clear.sendall(rubbish)
        clear.shutdown(socket.SHUT_WR)
        while clear.recv(4096):
            pass
    with door.signed_in(secret) as client:
        assert client.noop()[0] == 250
