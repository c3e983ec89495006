"""Mail through a server that is signed in to with tokens: what a token that cannot be got means for it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone

from delivery.tasks import sweep
from delivery.worker.connection_pool import pool
from people.models import User
from smtp_settings.models import ServerHealth, SmtpServer
from testing.factories import make_token_server, switch_on_platform_smtp
from testing.mail import accept, drain, make_due
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer) -> SmtpServer:
    """The platform's custom SMTP, switched on, with tokens by client credentials."""
    server = make_token_server(token_smtp_server, oauth_server)
    switch_on_platform_smtp(server)
    return server


def test_mail_leaves_with_a_token(server: SmtpServer, token_smtp_server: LoopbackSmtpServer) -> None:
    assert drain(accept()[0]).status == "SENT"
    assert token_smtp_server.messages[0].user == "user"


def test_mail_leaves_after_the_token_has_expired(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    drain(accept()[0])
    pool.close_idle()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert drain(accept()[0]).status == "SENT"
    assert len(oauth_server.asked) == 2


def test_a_token_refused_for_good_pauses_the_server_and_tells_the_owner_once(
    server: SmtpServer, oauth_server: LoopbackOAuthServer, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    oauth_server.refuse("invalid_client", "The client secret has expired")
    (delivery,) = accept()
    for _ in range(2):
        make_due(delivery)
        drain(delivery)
        sweep()
    server.refresh_from_db()
    assert (delivery.status, server.state, len(oauth_server.asked)) == ("HELD", "PAUSED", 1)
    assert server.pause_reason.startswith(
        "localhost gave no token: invalid_client: The client secret has expired. Sign"
    )
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([owner.email], "The platform's SMTP server is paused")]


def test_a_token_endpoint_that_is_away_is_trouble_of_the_server(
    server: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    oauth_server.answer(503, b"away")
    delivery = drain(accept()[0])
    assert (delivery.status, delivery.attempt_count) == ("DEFERRED", 0)
    assert ServerHealth.of(server.key).failures == 1
    oauth_server.behave()
    make_due(delivery)
    assert drain(delivery).status == "SENT"
