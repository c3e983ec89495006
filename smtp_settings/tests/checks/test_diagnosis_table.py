"""Each diagnosis of the table, brought about by a real server that misbehaves."""

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import LazySettings

from smtp_settings.checks import preflight, sample_mail, tls_probe
from smtp_settings.checks.diagnosis import Failure
from smtp_settings.checks.diagnosis_table import TABLE, diagnose
from smtp_settings.checks.finding import Finding
from smtp_settings.checks.preflight import Step
from smtp_settings.choices import Fault, Phase, Policy
from smtp_settings.models import SmtpServer
from smtp_settings.tests.transport.test_refusals import REPLIES
from smtp_settings.transport import connection
from smtp_settings.transport.failures import enhanced_code
from testing import factories
from testing.fixtures import LOOPBACK, SmtpServerFactory
from testing.servers.certificates import Authority, valid_in, without_a_purpose
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db
Options = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What a server says in `phase`; `offered` is what it is, `values` what is typed about it."""

    phase: str = ""
    reply: str = ""
    host: str = "localhost"
    offered: Options = field(default_factory=dict)
    values: Options = field(default_factory=dict)


SCRIPTED = {
    "greeting-late": Case("CONNECT", "hang"),
    "tls-at-once": Case(offered={"security": "IMPLICIT_TLS"}, values={"security": "STARTTLS"}),
    "certificate-names": Case(offered={"certificate_for": "*.example.net"}),
    "certificate-stranger-platform": Case(offered={"untrusted": True}),
    "certificate-stranger": Case(offered={"untrusted": True}, values={"policy": Policy.WHITE_LABEL}),
    "clear-text-first": Case(offered={"security": "NONE"}, values={"security": "IMPLICIT_TLS"}),
    "starttls-missing": Case(offered={"security": "NONE"}, values={"security": "STARTTLS"}),
    "starttls-later": Case("STARTTLS", "454 4.7.0 TLS not available due to temporary reason"),
    "starttls-refused": Case("STARTTLS", "502 5.5.1 command not implemented"),
    "unencrypted": Case(offered={"security": "NONE"}, values={"policy": Policy.WHITE_LABEL}),
    "busy": Case("CONNECT", "421 4.3.2 too many connections"),
    "no-mail-host": Case("CONNECT", "521 5.3.2 this host takes no mail"),
    "refuses-us": Case("CONNECT", "554 5.7.1 your address is listed"),
    "not-smtp": Case("CONNECT", "SSH-2.0-OpenSSH_9.6"),
    "no-greeting": Case("CONNECT", "close"),
    "greeting-later": Case("EHLO", "450 4.7.1 later"),
    "greeting-name": Case("EHLO", "501 5.5.4 Invalid domain name"),
    "greeting-refused": Case("EHLO", "550 5.7.1 who are you"),
    "secret": Case(values={"secret": ""}),
    "sign-in-after-tls": Case(values={"security": "NONE"}),
    "microsoft-no-sign-in": Case(host="smtp.office365.com", offered={"mechanisms": ("GSSAPI",)}),
    "sign-in-by-token": Case(offered={"mechanisms": ("XOAUTH2", "OAUTHBEARER")}),
    "sign-in-cram-md5": Case(offered={"mechanisms": ("CRAM-MD5", "DIGEST-MD5")}),
    "sign-in-unknown": Case(offered={"mechanisms": ("GSSAPI", "NTLM")}),
    "no-sign-in": Case(offered={"mechanisms": ()}),
    "google-browser": Case("AUTH", "534-5.7.14 Please log in via\n534 5.7.14 your web browser", "smtp.gmail.com"),
    "google-app-password": Case("AUTH", "535 5.7.8 Username and Password not accepted", "smtp.gmail.com"),
    "out-of-step": Case("MAIL", "503 5.5.1 bad sequence of commands"),
    "microsoft-disabled": Case("AUTH", "535 5.7.139 SmtpClientAuthentication is disabled", "smtp.office365.com"),
    "microsoft-basic": Case("AUTH", "550 5.7.30 Basic authentication is not supported", "smtp.office365.com"),
    "yahoo-app-password": Case("AUTH", "535 5.7.0 (#AUTH005) no", "smtp.mail.yahoo.com"),
    "apple-app-password": Case("AUTH", "535 5.7.8 Error: authentication failed", "smtp.mail.me.com"),
    "fastmail-app-password": Case("AUTH", "535 5.7.0 Incorrect username or password", "smtp.fastmail.com"),
    "ses-credentials": Case("AUTH", "535 Authentication Credentials Invalid", "email-smtp.eu-west-1.amazonaws.com"),
    "sendgrid-credits": Case("AUTH", "451 Authentication failed: Maximum credits exceeded", "smtp.sendgrid.net"),
    "sendgrid-credentials": Case("AUTH", "535 Authentication failed: Bad username / password", "smtp.sendgrid.net"),
    "sign-in-needs-tls": Case("AUTH", "538 5.7.11 encryption required"),
    "stronger-sign-in": Case("AUTH", "534 5.7.9 mechanism is too weak"),
    "too-many-sign-ins": Case("AUTH", "454 4.7.0 Too many login attempts, please try again later"),
    "sign-in-later": Case("AUTH", "454 4.7.0 temporary authentication failure"),
    "sign-in-refused": Case("AUTH", "530 5.7.0 not here"),
    "credentials": Case("AUTH", "535 5.7.8 no"),
    "tls-first": Case(values={"security": "NONE", "auth": "NONE"}),
    "sign-in-first": Case(offered={"sign_in_required": True}, values={"auth": "NONE"}),
    "sign-in-taken-back": Case("RCPT", "553 5.7.1 Sender address rejected: not logged in"),
    "too-many-connections": Case("MAIL", "421 4.7.0 too many concurrent connections"),
    "too-much-mail": Case("MAIL", "450 4.7.1 Error: too much mail from 192.0.2.1"),
    "client-name": Case("RCPT", "504 5.5.2 <app>: Helo command rejected: need fully-qualified hostname"),
    "client": Case("RCPT", "554 5.7.1 <x[192.0.2.1]>: Client host rejected: Access denied"),
    "daily-limit": Case("MAIL", "550 5.4.5 Daily user sending limit exceeded"),
    "send-as": Case("DATA", "550 5.7.60 Client does not have permissions to send as this sender"),
    "sender-not-owned": Case("MAIL", "553 5.7.1 Sender address rejected: not owned by user"),
    "sender-spelling": Case("MAIL", "501 5.1.7 bad sender address syntax"),
    "sender-domain": Case("RCPT", "550 5.1.8 Sender address rejected: domain not found"),
    "busy-with-mail": Case("MAIL", "451 4.3.0 later"),
    "sender": Case("MAIL", "550 5.7.1 not from there"),
    "relaying": Case("RCPT", "554 5.7.1 Relay access denied"),
    "greylisted": Case("RCPT", "450 4.2.0 greylisted"),
    "recipient": Case("RCPT", "550 5.1.1 nobody"),
    "ses-unverified": Case("DATA", "554 Message rejected: Email address is not verified."),
    "sendgrid-sender": Case("DATA", "550 The from address does not match a verified Sender Identity"),
    "message": Case("DATA", "554 5.7.1 no"),
    "silent": Case("MAIL", "hang"),
    "hung-up": Case("EHLO", "close"),
    "nonsense": Case("EHLO", "welcome"),
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "REPLY_SECONDS", 1)
    monkeypatch.setattr(preflight, "GREETING_SECONDS", 1)
    monkeypatch.setattr(tls_probe, "SECONDS", 1)


@pytest.fixture
def names_lead_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every name of a provider lead to loopback, as a hosts file would."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **named: real("127.0.0.1", *rest, **named))


@pytest.mark.usefixtures("names_lead_here")
@pytest.mark.parametrize("name", SCRIPTED)
def test_each_fault_of_a_server_has_its_diagnosis(smtp_server_factory: SmtpServerFactory, name: str) -> None:
    case = SCRIPTED[name]
    offered: Options = {"certificate_for": case.host} | case.offered
    loopback = smtp_server_factory(**offered)
    if case.phase:
        loopback.script(case.phase, case.reply)
    assert fault(loopback, host=case.host, **case.values).diagnosis == name


def test_an_address_that_leads_nowhere() -> None:
    assert fault(None, host="nothing.invalid", port=587).diagnosis == "address"


@pytest.mark.parametrize(("policy", "name"), [("PLATFORM", "port-closed"), ("WHITE_LABEL", "unreachable")])
def test_a_closed_port(settings: LazySettings, policy: str, name: str) -> None:
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert fault(None, policy=policy, host="localhost", port=port).diagnosis == name


@pytest.mark.parametrize(
    ("name", "certify"),
    [
        ("certificate-expired", lambda authority: valid_in(authority, -10)),
        ("certificate-early", lambda authority: valid_in(authority, 10)),
        ("certificate", without_a_purpose),
    ],
)
def test_certificates_that_are_not_good(
    smtp_server_factory: SmtpServerFactory,
    authority: Authority,
    name: str,
    certify: Callable[[Authority], ssl.SSLContext],
) -> None:
    assert fault(smtp_server_factory(tls=certify(authority))).diagnosis == name


def test_a_server_with_old_versions_of_tls_only(smtp_server_factory: SmtpServerFactory, authority: Authority) -> None:
    context = authority.context_for("localhost")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    assert fault(smtp_server_factory(tls=context)).diagnosis == "tls-old"


def test_a_server_without_a_common_cipher(smtp_server_factory: SmtpServerFactory, authority: Authority) -> None:
    context = authority.context_for("localhost")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")
    assert fault(smtp_server_factory(tls=context)).diagnosis == "tls-handshake"


ALERTS = {
    "tls-internal": ssl.AlertDescription.ALERT_DESCRIPTION_INTERNAL_ERROR,
    "tls-name": ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME,
    "tls-alert": ssl.AlertDescription.ALERT_DESCRIPTION_ACCESS_DENIED,
    "tls-old": ssl.AlertDescription.ALERT_DESCRIPTION_PROTOCOL_VERSION,
}


@pytest.mark.parametrize("security", ["STARTTLS", "IMPLICIT_TLS"])
@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_named(
    smtp_server_factory: SmtpServerFactory, authority: Authority, name: str, security: str
) -> None:
    context = authority.context_for("localhost")
    context.sni_callback = lambda *_: ALERTS[name]
    step = fault(smtp_server_factory(security, tls=context))
    assert (step.diagnosis, step.step) == (name, "Securing the connection")


@pytest.mark.parametrize("security", ["STARTTLS", "IMPLICIT_TLS"])
@pytest.mark.parametrize(
    ("version", "name"),
    [(ssl.TLSVersion.TLSv1_3, "tls-client-certificate"), (ssl.TLSVersion.TLSv1_2, "tls-handshake")],
)
def test_a_server_that_wants_a_client_certificate(
    smtp_server_factory: SmtpServerFactory, authority: Authority, security: str, version: ssl.TLSVersion, name: str
) -> None:
    context = authority.context_for("localhost")
    context.verify_mode, context.maximum_version = ssl.CERT_REQUIRED, version
    context.load_verify_locations(authority.file)
    step = fault(smtp_server_factory(security, tls=context))
    assert (step.diagnosis, step.step) == (name, "Securing the connection")


def test_a_port_that_ends_tls_with_an_alert_expects_tls_too(
    smtp_server_factory: SmtpServerFactory, authority: Authority
) -> None:
    context = authority.context_for("localhost")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    loopback = smtp_server_factory("IMPLICIT_TLS", tls=context)
    assert fault(loopback, security="STARTTLS").diagnosis == "tls-at-once"


def test_tls_that_is_none(smtp_server: LoopbackSmtpServer) -> None:
    def say_something_else() -> str:
        smtp_server.break_in("this is no handshake")
        return ""

    smtp_server.script("TLS", say_something_else)
    assert fault(smtp_server).diagnosis == "tls"


def test_a_port_that_takes_no_connection(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that is full: the kernel drops what would come next, as a firewall does."""
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        step = fault(None, host="localhost", port=listener.getsockname()[1])
    assert (step.diagnosis, step.field) == ("port-silent", "port")


def test_a_message_that_the_server_cannot_take(smtp_server_factory: SmtpServerFactory) -> None:
    loopback = smtp_server_factory(max_bytes=10)
    last = sample_mail.submission_step("alice@acme.test", b"Subject: longer\r\n\r\n")
    assert fault(loopback, last=last).diagnosis == "message-not-possible"


FIELDS = {
    Fault.SENDER: {"sender_address"},
    Fault.SIGN_IN: {"auth", "username", "security"},
    Fault.CLIENT: {"auth", "host"},
    Fault.BUSY: {"host"},
    Fault.RATE_LIMIT: {"messages_per_minute"},
    Fault.CONNECTION_LIMIT: {"max_connections"},
}


@pytest.mark.parametrize(
    ("expected", "phase", "reply"),
    [
        (expected, phase, reply)
        for expected, replies in REPLIES.items()
        for phase, reply in replies
        if phase in (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.FINAL_DOT)
    ],
)
def test_the_check_names_whose_fault_delivery_would_find(expected: Fault, phase: Phase, reply: str) -> None:
    code, text = int(reply[:3]), " ".join(line[4:] for line in reply.split("\n"))
    failure = Failure(phase, "reply", text, code, enhanced_code(code, text))
    diagnosis = diagnose(failure, SmtpServer(sender_address="app@own.test"))
    row = next(row for row in TABLE if row.name == diagnosis.name)
    assert expected in row.faults
    assert diagnosis.field in FIELDS.get(expected, {""})


def test_a_password_in_clear(smtp_server_factory: SmtpServerFactory, settings: LazySettings) -> None:
    loopback = smtp_server_factory("NONE")

    def greet() -> str:
        settings.SMTP_ALLOWED_CIDRS = []
        return "220 localhost ESMTP"

    loopback.script("CONNECT", greet)
    assert fault(loopback).diagnosis == "clear-password"


def test_a_link_lost_after_the_final_dot(smtp_server: LoopbackSmtpServer) -> None:
    smtp_server.script("FINAL_DOT", "close")
    assert fault(smtp_server, last=sample_mail.submission_step("alice@acme.test", b"Subject: x\r\n\r\n")).diagnosis == (
        "hung-up-after"
    )


def test_every_diagnosis_has_a_name_of_its_own_a_source_and_a_test() -> None:
    names = [row.name for row in TABLE]
    elsewhere = {
        "address", "port-closed", "unreachable", "certificate-expired", "certificate-early", "certificate", "tls-old",
        "tls", "clear-password", "hung-up-after", "tls-client-certificate", "tls-handshake", "port-silent",
        "message-not-possible", *ALERTS,
    }  # fmt: skip
    assert len(names) == len(set(names)) >= 25
    assert {row.name for row in TABLE if not row.source} == set()
    assert {name for name in names if not name.startswith("token")} == set(SCRIPTED) | elsewhere


def fault(
    loopback: LoopbackSmtpServer | None, *, last: Step | None = None, secret: Any = "secret", **values: Any
) -> Finding:
    """Return the step that failed."""
    fields = (loopback.fields if loopback else {}) | {"sender_address": "sender@acme.test"} | values
    server = factories.make_server(secret="secret", **fields)
    steps = [preflight.offer_sender, preflight.recipient_step("alice@acme.test")] if last is None else [last]
    with preflight.session_for(server, secret) as session:
        step = list(preflight.run_steps(session, [*preflight.opening_steps(server), *steps]))[-1]
    assert not step.ok
    return step
