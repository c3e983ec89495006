"""What the tests of the outbox share: the platform's server on a socket."""

import pytest

from testing.factories import make_server, switch_on_platform_smtp
from testing.servers.smtp import LoopbackSmtpServer


@pytest.fixture
def server(smtp_server: LoopbackSmtpServer) -> LoopbackSmtpServer:
    """The platform's custom SMTP, switched on, at a real server that asks for a sign-in."""
    switch_on_platform_smtp(make_server(secret="secret", **smtp_server.fields))
    return smtp_server
