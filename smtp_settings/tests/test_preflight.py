"""What a check finds out about real servers that misbehave, and where the person is told to look."""

import base64
import datetime
import logging
import socket
import ssl
import time

import pytest
import trustme
from django.conf import LazySettings

from smtp_settings import preflight
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from smtp_settings.preflight import Step
from testing import factories
from testing.fixtures import LOOPBACK, SmtpServerFactory
from testing.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db
CANARY = "canary-Tr0ub4dor&3"


def server_for(loopback: LoopbackSmtpServer, **values: object) -> SmtpServer:
    fields = loopback.fields | {"sender_address": "sender@acme.test"} | values
    return factories.make_server(secret="secret", **fields)


def last_step(server: SmtpServer, secret: str = "secret") -> Step:
    return preflight.run(server, secret, reply_seconds=1)[-1]


def test_a_good_server_passes_every_step(smtp_server: LoopbackSmtpServer) -> None:
    steps = preflight.run(server_for(smtp_server), "secret")
    assert preflight.passed(steps)
    assert [step.step for step in steps] == ["Connecting", "Securing the connection", "Signing in", "Sender"]
    assert "TLSv1.3" in steps[1].sentence


def test_a_check_sends_no_mail(smtp_server: LoopbackSmtpServer) -> None:
    preflight.run(server_for(smtp_server), "secret")
    assert not smtp_server.messages
    assert not any(line.startswith(("RCPT", "DATA")) for line in smtp_server.commands)


def test_implicit_tls_passes(smtp_server_factory: SmtpServerFactory) -> None:
    server = server_for(smtp_server_factory("IMPLICIT_TLS"))
    assert preflight.passed(preflight.run(server, "secret"))


def test_a_server_without_sign_in_passes(smtp_server_factory: SmtpServerFactory) -> None:
    server = server_for(smtp_server_factory("NONE"), auth="NONE")
    assert preflight.passed(preflight.run(server, ""))


def test_an_unknown_host_is_said_at_the_host() -> None:
    step = last_step(factories.make_server(host="nothing.invalid", port=587))
    assert (step.field, step.sentence) == ("host", "No address is known for nothing.invalid.")


def test_a_closed_port_is_said_at_the_port(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    step = last_step(factories.make_server(port=port))
    assert (step.field, step.sentence) == ("port", f"localhost is there, but nothing answers at port {port}.")


def test_white_labels_learn_nothing_of_a_network_by_checking(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    silent = last_step(factories.make_server(Policy.WHITE_LABEL, port=port))
    settings.SMTP_ALLOWED_CIDRS = []
    blocked = last_step(factories.make_server(Policy.WHITE_LABEL, port=587))
    unknown = last_step(factories.make_server(Policy.WHITE_LABEL, host="nothing.invalid", port=587))
    assert len({(step.step, step.sentence, step.field, step.fix) for step in (silent, blocked, unknown)}) == 1


@pytest.mark.parametrize("security", ["STARTTLS", "IMPLICIT_TLS"])
def test_a_certificate_for_another_name_is_said(smtp_server_factory: SmtpServerFactory, security: str) -> None:
    step = last_step(server_for(smtp_server_factory(security, certificate_for="other.example")))
    assert step.step == "Securing the connection"
    assert (step.field, step.sentence) == ("host", "The server's certificate is not for localhost.")


def test_a_certificate_of_a_stranger_is_said(smtp_server_factory: SmtpServerFactory) -> None:
    step = last_step(server_for(smtp_server_factory(untrusted=True)))
    assert (step.field, step.sentence) == (
        "host",
        "The server's certificate was issued by nobody who is trusted here.",
    )
    assert "SMTP_CA_FILE" in step.fix


@pytest.mark.parametrize(("days", "word"), [(-10, "has expired"), (10, "is not valid yet")])
def test_a_certificate_out_of_its_time_is_said(
    smtp_server_factory: SmtpServerFactory, settings: LazySettings, tmp_path: str, days: int, word: str
) -> None:
    context, settings.SMTP_CA_FILE = _certificate_valid_in(days, str(tmp_path))
    step = last_step(server_for(smtp_server_factory(tls=context)))
    assert (step.field, step.sentence) == ("host", f"The server's certificate {word}.")


def test_tls_spoken_to_a_clear_text_port_is_said(smtp_server: LoopbackSmtpServer) -> None:
    step = last_step(server_for(smtp_server, security="IMPLICIT_TLS"))
    assert (step.field, step.fix) == ("security", "Choose STARTTLS; it is usual at port 587.")


@pytest.mark.parametrize("security", ["STARTTLS", "NONE"])
def test_clear_text_spoken_to_a_tls_port_is_said(smtp_server_factory: SmtpServerFactory, security: str) -> None:
    loopback = smtp_server_factory("IMPLICIT_TLS")
    step = last_step(server_for(loopback, security=security, auth="NONE"))
    assert step.sentence == f"Port {loopback.port} of localhost expects TLS from the first byte on."
    assert (step.field, step.fix) == ("security", "Choose implicit TLS.")


def test_a_server_without_starttls_is_said(smtp_server_factory: SmtpServerFactory) -> None:
    step = last_step(server_for(smtp_server_factory("NONE"), security="STARTTLS"))
    assert step.field == "security"
    assert step.sentence.startswith("The server does not offer STARTTLS")


def test_a_server_without_passwords_is_said(smtp_server_factory: SmtpServerFactory) -> None:
    step = last_step(server_for(smtp_server_factory(mechanisms=("GSSAPI",))))
    assert step.field == "auth"
    assert step.sentence.startswith("The server offers no sign-in by username and password")


def test_a_wrong_password_is_said_at_the_password(smtp_server: LoopbackSmtpServer) -> None:
    step = last_step(server_for(smtp_server), "wrong")
    assert step.field == "password"
    assert "535 5.7.8 username and password not accepted" in step.sentence


def test_a_refused_sender_is_said_at_the_sender(smtp_server: LoopbackSmtpServer) -> None:
    smtp_server.script("MAIL", "553 5.7.1 not your address")
    step = last_step(server_for(smtp_server))
    assert step.field == "sender_address"
    assert step.sentence == "The server takes no mail from sender@acme.test: “553 5.7.1 not your address”"


def test_a_server_that_wants_a_sign_in_is_said(smtp_server_factory: SmtpServerFactory) -> None:
    loopback = smtp_server_factory(sign_in_required=True)
    step = last_step(server_for(loopback, auth="NONE"))
    assert (step.field, step.fix) == ("auth", "Choose “Username and password”.")


@pytest.mark.parametrize(
    ("phase", "reply", "field", "words"),
    [
        ("CONNECT", "421 4.3.2 busy", "host", "takes no connections just now"),
        ("CONNECT", "554 5.7.1 blocked", "host", "refuses to talk to this installation"),
        ("CONNECT", "SSH-2.0-OpenSSH_9.6", "port", "is not an SMTP server"),
        ("CONNECT", "close", "port", "hung up without a greeting"),
        ("EHLO", "550 5.7.1 who are you", "host", "did not accept our greeting"),
        ("EHLO", "close", "host", "hung up in the middle"),
        ("STARTTLS", "454 4.7.0 no certificate", "security", "could not start TLS"),
        ("TLS", "close", "host", "hung up"),
        ("AUTH", "454 4.7.0 try later", "password", "not possible just now"),
        ("AUTH", "534 5.7.9 too weak", "auth", "wants a stronger sign-in"),
        ("AUTH", "535 5.7.139 disabled", "auth", "Microsoft 365"),
        ("MAIL", "451 4.3.0 later", "sender_address", "takes no mail from sender@acme.test just now"),
        ("MAIL", "hang", "host", "stopped answering"),
    ],
)
def test_each_fault_has_its_own_sentence(
    smtp_server: LoopbackSmtpServer, phase: str, reply: str, field: str, words: str
) -> None:
    smtp_server.script(phase, reply)
    step = last_step(server_for(smtp_server))
    assert not step.ok
    assert words in step.sentence
    assert step.field == field


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "AUTH"])
def test_a_dripping_server_is_not_listened_to_for_ever(
    smtp_server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setattr(preflight, "DEADLINE_SECONDS", 3)
    monkeypatch.setattr(preflight, "SECOND_LOOK_SECONDS", 1)
    smtp_server.script(phase, "drip")
    started = time.monotonic()
    assert not preflight.passed(preflight.run(server_for(smtp_server), "secret", reply_seconds=60))
    assert time.monotonic() - started < 8


def test_a_password_is_not_sent_in_clear(smtp_server_factory: SmtpServerFactory, settings: LazySettings) -> None:
    loopback = smtp_server_factory("NONE")
    server = server_for(loopback)
    server.policy = Policy.ENVIRONMENT  # is not judged, so that the loopback address stays reachable
    settings.SMTP_ALLOWED_CIDRS = []
    step = last_step(server)
    assert (step.field, step.sentence) == ("security", "A password is never sent without encryption.")
    assert not any(line.startswith("AUTH") for line in loopback.commands)


def test_a_password_that_the_server_echoes_is_shown_to_nobody(
    smtp_server: LoopbackSmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    forms = [CANARY, _base64(CANARY), _base64(f"\0user\0{CANARY}")]
    smtp_server.script("AUTH", f"535 5.7.8 no {' '.join(forms)}")
    shown = repr(preflight.run(server_for(smtp_server), CANARY)) + caplog.text
    assert "[secret] [secret] [secret]" in shown
    assert not any(form in shown for form in forms)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _certificate_valid_in(days: int, folder: str) -> tuple[ssl.SSLContext, str]:
    """Return the context of a server whose certificate is valid for one day, so many days from now."""
    now = datetime.datetime.now(datetime.UTC)
    authority, file = trustme.CA(), f"{folder}/authority.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    begin = now + datetime.timedelta(days=days)
    certificate = authority.issue_cert("localhost", not_before=begin, not_after=begin + datetime.timedelta(days=1))
    certificate.configure_cert(context)
    return context, file


@pytest.fixture(autouse=True)
def _quick_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "SECOND_LOOK_SECONDS", 1)
