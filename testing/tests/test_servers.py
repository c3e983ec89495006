"""The loopback servers behave as real ones do, and misbehave when told to."""

import smtplib
import ssl

import dns.flags
import dns.message
import dns.query
import dns.resolver
import pytest

from testing.fixtures import SmtpServerFactory
from testing.servers.certificates import Authority
from testing.servers.dns import LoopbackDnsServer
from testing.servers.smtp import LoopbackSmtpServer

CONTENT = "Subject: Hello\r\n\r\n.\r\n..two dots\r\nlast\r\n"


def connect(server: LoopbackSmtpServer) -> smtplib.SMTP:
    return smtplib.SMTP(server.host, server.port, timeout=5)


def secure(server: LoopbackSmtpServer, authority: Authority) -> smtplib.SMTP:
    client = connect(server)
    client.starttls(context=ssl.create_default_context(cafile=str(authority.file)))
    return client


def test_a_message_arrives_with_its_envelope_and_its_bytes(
    smtp_server: LoopbackSmtpServer, authority: Authority
) -> None:
    with secure(smtp_server, authority) as client:
        client.login("user", "secret")
        client.sendmail("from@acme.test", ["a@x.test", "b@x.test"], CONTENT)
    (message,) = smtp_server.messages
    assert (message.sender, message.recipients) == ("from@acme.test", ("a@x.test", "b@x.test"))
    assert (message.content, message.tls, message.user) == (CONTENT.encode(), True, "user")
    assert message.parsed["Subject"] == "Hello"


def test_implicit_tls_and_login_work(smtp_server_factory: SmtpServerFactory, authority: Authority) -> None:
    server = smtp_server_factory("IMPLICIT_TLS", mechanisms=("LOGIN",), sign_in_required=True)
    context = ssl.create_default_context(cafile=str(authority.file))
    with smtplib.SMTP_SSL(server.host, server.port, context=context, timeout=5) as client:
        client.login("user", "secret")
        client.sendmail("from@acme.test", "a@x.test", CONTENT)
    assert server.messages[0].user == "user"


def test_a_plain_server_takes_mail_without_tls(smtp_server_factory: SmtpServerFactory) -> None:
    server = smtp_server_factory("NONE")
    with connect(server) as client:
        client.sendmail("from@acme.test", "a@x.test", CONTENT)
    assert server.messages[0].tls is False


def test_a_wrong_password_is_refused(smtp_server: LoopbackSmtpServer, authority: Authority) -> None:
    with secure(smtp_server, authority) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("user", "wrong")


@pytest.mark.parametrize("options", [{"certificate_for": "mail.wrong.test"}, {"untrusted": True}])
def test_a_bad_certificate_is_seen_by_the_client(
    smtp_server_factory: SmtpServerFactory, authority: Authority, options: dict[str, object]
) -> None:
    server = smtp_server_factory(**options)  # type: ignore[arg-type]
    with connect(server) as client, pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context(cafile=str(authority.file)))


def send_plainly(server: LoopbackSmtpServer, timeout: float = 5) -> None:
    with smtplib.SMTP(timeout=timeout) as client:
        client.connect(server.host, server.port)
        client.sendmail("from@acme.test", "a@x.test", CONTENT)


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "FINAL_DOT"])
@pytest.mark.parametrize("act", ["close", "hang"])
def test_every_phase_can_fail(smtp_server_factory: SmtpServerFactory, phase: str, act: str) -> None:
    server = smtp_server_factory("NONE")
    server.script(phase, act)
    with pytest.raises((smtplib.SMTPException, TimeoutError)):
        send_plainly(server, timeout=0.3)
    assert server.messages == []


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "FINAL_DOT"])
def test_every_phase_can_be_refused(smtp_server_factory: SmtpServerFactory, phase: str) -> None:
    server = smtp_server_factory("NONE")
    server.script(phase, "451 4.3.0 later")
    with pytest.raises(smtplib.SMTPException, match="later"):
        send_plainly(server)
    assert len(server.received) == (phase == "FINAL_DOT")


def test_a_script_ends_after_its_times(smtp_server_factory: SmtpServerFactory) -> None:
    server = smtp_server_factory("NONE")
    server.script("RCPT", "550 5.1.1 nobody", times=1, about="eve@")
    with connect(server) as client:
        assert list(client.sendmail("f@acme.test", ["a@x.test", "eve@x.test"], CONTENT)) == ["eve@x.test"]
        assert client.sendmail("f@acme.test", ["eve@x.test"], CONTENT) == {}
    assert [message.recipients for message in server.messages] == [("a@x.test",), ("eve@x.test",)]


def test_dns_answers_with_what_was_added(dns_server: LoopbackDnsServer) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = [dns_server.host], dns_server.port, 0.3
    dns_server.add("mail.acme.test", "CNAME", "target.test.")
    dns_server.add("target.test", "TXT", '"' + "x" * 200 + '" "more"')
    dns_server.answer("slow.test", "hang")
    dns_server.answer("broken.test", "SERVFAIL")
    assert resolver.resolve("mail.acme.test", "TXT")[0].strings == (b"x" * 200, b"more")
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve("absent.test", "TXT")
    with pytest.raises(dns.resolver.NoAnswer):
        resolver.resolve("target.test", "MX")
    with pytest.raises(dns.resolver.LifetimeTimeout):
        resolver.resolve("slow.test", "TXT")
    with pytest.raises((dns.resolver.NoNameservers, dns.resolver.LifetimeTimeout)):
        resolver.resolve("broken.test", "TXT")


def ask(server: LoopbackDnsServer, name: str, *, tcp: bool = False) -> dns.message.Message:
    query = dns.message.make_query(name, "TXT", use_edns=0, payload=1232)
    how = dns.query.tcp if tcp else dns.query.udp
    return how(query, server.host, timeout=2, port=server.port)


def test_dns_cuts_short_what_is_too_long_for_udp_and_tells_all_by_tcp(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("long.test", "TXT", *(f'"{number}{"x" * 200}"' for number in range(10)))
    short, whole = ask(dns_server, "long.test"), ask(dns_server, "long.test", tcp=True)
    assert (bool(short.flags & dns.flags.TC), short.answer) == (True, [])
    assert len(whole.answer[0]) == 10
    assert dns_server.by_tcp == [("long.test", "TXT")]


def test_a_name_server_answers_with_authority_or_refers_to_others(name_servers: list[LoopbackDnsServer]) -> None:
    name_servers[0].add("acme.test", "TXT", '"x"')
    name_servers[0].refer("below.acme.test", "ns.other.test.")
    own, below = ask(name_servers[0], "acme.test"), ask(name_servers[0], "x.below.acme.test")
    assert own.flags & dns.flags.AA
    assert not below.flags & dns.flags.AA
    assert below.authority[0].to_text() == "below.acme.test. 60 IN NS ns.other.test."
