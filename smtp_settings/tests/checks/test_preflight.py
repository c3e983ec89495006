"""What a check finds out about real servers that misbehave, and where the person is told to look."""

import base64
import logging
import re
import socket
import time

import pytest
from django.conf import LazySettings

from smtp_settings.checks import certificates, preflight, tls_probe
from smtp_settings.checks.finding import Finding
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from smtp_settings.models.check import LIFE_SECONDS, RUN_SECONDS
from smtp_settings.transport.session import Session
from testing import factories
from testing.fixtures import LOOPBACK, SmtpServerFactory
from testing.servers.certificates import Authority, with_common_name_only
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db
CANARY = "canary-Tr0ub4dor&3"


def server_for(loopback: LoopbackSmtpServer, **values: object) -> SmtpServer:
    fields = loopback.fields | {"sender_address": "sender@acme.test"} | values
    return factories.make_server(**{"secret": "secret"} | fields)


def steps_of(server: SmtpServer, secret: str = "secret") -> list[Finding]:
    with preflight.session_for(server, secret) as session:
        steps = [*preflight.opening_steps(server), preflight.offer_sender, preflight.recipient_step("alice@acme.test")]
        return list(preflight.run_steps(session, steps))


def last_step(server: SmtpServer, secret: str = "secret") -> Finding:
    with pytest.MonkeyPatch.context() as impatience:
        impatience.setattr(preflight, "REPLY_SECONDS", 1)
        impatience.setattr(preflight, "GREETING_SECONDS", 1)
        return steps_of(server, secret)[-1]


def test_a_good_server_passes_every_step(smtp_server: LoopbackSmtpServer) -> None:
    server = server_for(smtp_server)
    steps = steps_of(server)
    assert [step.step for step in steps if step.ok] == preflight.expected(server)
    assert len(steps) == 8
    assert "TLSv1.3" in steps[3].sentence


def test_the_certificate_is_described(smtp_server: LoopbackSmtpServer) -> None:
    sentence = steps_of(server_for(smtp_server))[3].sentence
    assert re.search(r"is for localhost, issued by trustme v[\d.]+, and valid for \d+ more days\.", sentence)


def test_a_certificate_with_a_common_name_only_is_described_by_it(
    smtp_server_factory: SmtpServerFactory, authority: Authority
) -> None:
    loopback = smtp_server_factory(tls=with_common_name_only(authority, "localhost"))
    sentence = steps_of(server_for(loopback))[3].sentence
    assert re.search(r"is for localhost, issued by trustme v[\d.]+, and valid for", sentence)


def test_a_certificate_with_another_common_name_is_diagnosed_by_it(
    smtp_server_factory: SmtpServerFactory, authority: Authority
) -> None:
    step = last_step(server_for(smtp_server_factory(tls=with_common_name_only(authority, "other.example"))))
    assert step.sentence == "The certificate is for other.example, not for localhost."


def test_a_certificate_that_names_nobody_is_described_all_the_same() -> None:
    issuer, end = ((("commonName", "Own CA"),),), "Jan  1 00:00:00 2100 GMT"
    sentence, _ = certificates.describe({"subject": (), "issuer": issuer, "notAfter": end})
    assert sentence.startswith("The certificate is for nobody by name, issued by Own CA, and valid for")


def test_what_the_server_offers_is_named(smtp_server_factory: SmtpServerFactory) -> None:
    sentence = steps_of(server_for(smtp_server_factory("IMPLICIT_TLS")))[4].sentence
    assert sentence == "The server offers sign-in by PLAIN, LOGIN; messages of up to 20 MB; international addresses."


@pytest.mark.parametrize("size", ["", "²", "9" * 5000])
def test_a_size_that_is_no_number_is_not_named(size: str, smtp_server: LoopbackSmtpServer) -> None:
    smtp_server.script(
        "EHLO", f"250-localhost\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE {size}\r\n".encode("latin-1")
    )
    assert "The server offers sign-in by PLAIN." in [step.sentence for step in steps_of(server_for(smtp_server))]


def test_a_check_asks_to_begin_a_message_and_sends_none(smtp_server: LoopbackSmtpServer) -> None:
    steps_of(server_for(smtp_server))
    assert smtp_server.commands[-3:] == ["MAIL FROM:<sender@acme.test>", "RCPT TO:<alice@acme.test>", "DATA"]
    assert not smtp_server.received


def test_a_white_label_is_told_its_steps_when_the_server_was_reached(smtp_server: LoopbackSmtpServer) -> None:
    server = server_for(smtp_server, policy=Policy.WHITE_LABEL)
    assert [step.step for step in steps_of(server)] == preflight.expected(server)


def test_a_server_without_encryption_and_sign_in_has_fewer_steps(smtp_server_factory: SmtpServerFactory) -> None:
    server = server_for(smtp_server_factory("NONE"), auth="NONE")
    assert [step.step for step in steps_of(server, "") if step.ok] == preflight.expected(server)
    assert len(preflight.expected(server)) == 6


def test_an_unknown_host_is_diagnosed_at_the_host() -> None:
    step = last_step(factories.make_server(host="nothing.invalid", port=587))
    assert (step.field, step.sentence) == ("host", "No address is known for nothing.invalid.")


def test_a_closed_port_is_diagnosed_at_the_port(settings: LazySettings) -> None:
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
def test_a_certificate_for_another_name_is_diagnosed(smtp_server_factory: SmtpServerFactory, security: str) -> None:
    step = last_step(server_for(smtp_server_factory(security, certificate_for="other.example")))
    assert step.step == "Securing the connection"
    assert (step.field, step.sentence) == ("host", "The certificate is for other.example, not for localhost.")


def test_a_certificate_of_a_stranger_is_diagnosed(smtp_server_factory: SmtpServerFactory) -> None:
    step = last_step(server_for(smtp_server_factory(untrusted=True)))
    assert (step.field, step.sentence) == (
        "host",
        "The server's certificate was issued by nobody who is trusted here.",
    )
    assert "SMTP_CA_FILE" in step.fix


def test_tls_spoken_to_a_clear_text_port_is_diagnosed(smtp_server: LoopbackSmtpServer) -> None:
    step = last_step(server_for(smtp_server, security="IMPLICIT_TLS"))
    assert (step.field, step.fix) == ("security", "Choose STARTTLS; it is usual at port 587.")
    assert step.step == "Securing the connection"


@pytest.mark.parametrize("security", ["STARTTLS", "NONE"])
def test_clear_text_spoken_to_a_tls_port_is_diagnosed(smtp_server_factory: SmtpServerFactory, security: str) -> None:
    loopback = smtp_server_factory("IMPLICIT_TLS")
    step = last_step(server_for(loopback, security=security, auth="NONE"))
    assert step.sentence == f"Port {loopback.port} of localhost expects TLS from the first byte on."
    assert (step.field, step.fix) == ("security", "Choose implicit TLS.")


def test_a_server_without_starttls_is_diagnosed(smtp_server_factory: SmtpServerFactory) -> None:
    step = last_step(server_for(smtp_server_factory("NONE"), security="STARTTLS"))
    assert step.field == "security"
    assert step.sentence.startswith("The server does not offer STARTTLS")


def test_a_server_without_passwords_is_diagnosed(smtp_server_factory: SmtpServerFactory) -> None:
    step = last_step(server_for(smtp_server_factory(mechanisms=("GSSAPI",))))
    assert step.field == "auth"
    assert step.sentence.startswith("The server offers sign-in by GSSAPI only at port")


def test_a_wrong_password_is_diagnosed_at_the_password(smtp_server: LoopbackSmtpServer) -> None:
    step = last_step(server_for(smtp_server), "wrong")
    assert step.field == "password"
    assert "535 5.7.8 username and password not accepted" in step.sentence


def test_a_refused_sender_is_diagnosed_at_the_sender(smtp_server: LoopbackSmtpServer) -> None:
    smtp_server.script("MAIL", "553 5.7.1 not your address")
    step = last_step(server_for(smtp_server))
    assert step.field == "sender_address"
    assert step.sentence == "The sender sender@acme.test is not allowed for this account: “553 5.7.1 not your address”"


def test_a_server_that_wants_a_sign_in_is_diagnosed(smtp_server_factory: SmtpServerFactory) -> None:
    loopback = smtp_server_factory(sign_in_required=True)
    step = last_step(server_for(loopback, auth="NONE"))
    assert (step.field, step.fix) == ("auth", "Choose “Username and password”.")


def late(reply: str = "220 localhost ESMTP") -> str:
    time.sleep(1.5)
    return reply


def test_the_check_waits_for_a_late_greeting_as_delivery_does(
    smtp_server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "PROBE_AFTER_SECONDS", 0.3)
    monkeypatch.setattr(preflight, "SLOW_SECONDS", 1)
    monkeypatch.setattr(preflight, "REPLY_SECONDS", 1)
    smtp_server.script("CONNECT", late)
    steps = steps_of(server_for(smtp_server))
    assert all(step.ok for step in steps)
    assert (steps[2].sentence[-27:], steps[2].fix) == ("It greeted after 2 seconds.", preflight.SLOW)
    with Session(server_for(smtp_server), reply_seconds=1) as session:
        session.open()


def test_the_check_waits_no_shorter_than_delivery() -> None:
    session = preflight.session_for(factories.make_server(), "secret")
    delivery = Session(factories.make_server())
    assert session.greeting_seconds == delivery.greeting_seconds >= 60
    assert session.connection.reply_seconds == delivery.connection.reply_seconds
    assert preflight.DEADLINE_SECONDS + LIFE_SECONDS < RUN_SECONDS


def test_a_server_that_waits_for_tls_is_known_before_the_greeting_is_given_up(
    smtp_server_factory: SmtpServerFactory,
) -> None:
    started = time.monotonic()
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr(preflight, "PROBE_AFTER_SECONDS", 0.3)
        step = steps_of(server_for(smtp_server_factory("IMPLICIT_TLS"), security="STARTTLS"))[-1]
    assert step.diagnosis == "tls-at-once"
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "AUTH"])
def test_a_dripping_server_is_not_listened_to_for_ever(
    smtp_server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setattr(preflight, "DEADLINE_SECONDS", 1.2)
    monkeypatch.setattr(tls_probe, "SECONDS", 0.2)
    smtp_server.script(phase, "drip")
    started = time.monotonic()
    assert not all(step.ok for step in steps_of(server_for(smtp_server)))
    assert time.monotonic() - started < 8


def test_a_password_is_not_sent_in_clear(smtp_server_factory: SmtpServerFactory, settings: LazySettings) -> None:
    loopback = smtp_server_factory("NONE")

    def greet() -> str:
        settings.SMTP_ALLOWED_CIDRS = []  # the address was allowed for the connection, and is so no more
        return "220 localhost ESMTP"

    loopback.script("CONNECT", greet)
    step = last_step(server_for(loopback))
    assert (step.field, step.sentence) == ("security", "A password is never sent without encryption.")
    assert not any(line.startswith("AUTH") for line in loopback.commands)


def test_the_server_of_the_environment_may_be_signed_in_to_in_clear(
    smtp_server_factory: SmtpServerFactory, settings: LazySettings
) -> None:
    server = server_for(smtp_server_factory("NONE"))
    server.policy, settings.SMTP_ALLOWED_CIDRS = Policy.ENVIRONMENT, []
    steps = steps_of(server)
    assert "Signing in" in {step.step for step in steps}
    assert all(step.ok for step in steps)


def test_white_labels_say_nothing_to_a_server_without_encryption(smtp_server_factory: SmtpServerFactory) -> None:
    loopback = smtp_server_factory("NONE")
    step = last_step(server_for(loopback, policy=Policy.WHITE_LABEL, auth="NONE"))
    assert (step.field, step.sentence) == ("security", "Mail is sent encrypted only.")
    assert loopback.commands == ["QUIT"]


def test_a_password_that_the_server_echoes_is_shown_to_nobody(
    smtp_server: LoopbackSmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    forms = [CANARY, _base64(CANARY), _base64(f"\0user\0{CANARY}")]
    smtp_server.script("AUTH", f"535 5.7.8 no {' '.join(forms)}")
    output = repr(steps_of(server_for(smtp_server), CANARY)) + caplog.text
    assert "[secret] [secret] [secret]" in output
    assert not any(form in output for form in forms)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(autouse=True)
def _quick_tls_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_probe, "SECONDS", 1)
