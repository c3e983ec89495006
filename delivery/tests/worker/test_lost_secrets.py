"""A secret that cannot be opened pauses its server at once, with mail or without; a key that is back ends that."""

import os

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from delivery.models import PauseNotice
from delivery.tasks import look_for_lost_secrets, sweep
from people.models import User
from smtp_settings.choices import Policy, State
from smtp_settings.models import SmtpServer
from smtp_settings.sealing import CANNOT_OPEN
from testing import factories
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acmes(acme: WhiteLabel, smtp_server: LoopbackSmtpServer) -> SmtpServer:
    server = factories.make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, secret="secret", **smtp_server.fields)
    factories.give_own_smtp(acme, server)
    return server


def test_a_lost_key_pauses_the_server_and_tells_its_people(
    acmes: SmtpServer, owner: User, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.SECRETS_KEYS = [os.urandom(32)]
    for _ in range(2):
        look_for_lost_secrets()
        sweep()
    acmes.refresh_from_db()
    assert (acmes.state, acmes.pause_reason) == (State.PAUSED, CANNOT_OPEN)
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(["alice@acme.test", "bob@acme.test", owner.email])
    assert CANNOT_OPEN in mailoutbox[0].body


def test_delivery_pauses_the_server_at_the_first_mail_and_a_key_that_is_back_lets_it_go_on(
    smtp_server: LoopbackSmtpServer, owner: User, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    server, keys = factories.make_server(secret="secret", **smtp_server.fields), settings.SECRETS_KEYS
    factories.switch_on_platform_smtp(server)
    (delivery,) = accept()
    settings.SECRETS_KEYS = [os.urandom(32)]
    drain(delivery)
    make_due(delivery)
    assert drain(delivery).status == "HELD"
    server.refresh_from_db()
    assert (server.state, server.pause_reason) == (State.PAUSED, CANNOT_OPEN)
    sweep()
    assert [mail.to for mail in mailoutbox] == [[owner.email]]
    settings.SECRETS_KEYS = keys
    look_for_lost_secrets()
    server.refresh_from_db()
    assert (server.state, server.pause_reason) == (State.VERIFIED, "")
    assert drain(delivery).status == "SENT"


def test_what_is_paused_for_another_reason_stays_so(acmes: SmtpServer, owner: User) -> None:
    acmes.pause("It refused the sign-in twice.")
    look_for_lost_secrets()
    acmes.refresh_from_db()
    assert acmes.state == State.PAUSED


def test_servers_whose_secret_opens_are_left_alone(acmes: SmtpServer, owner: User) -> None:
    look_for_lost_secrets()
    acmes.refresh_from_db()
    assert acmes.state == State.VERIFIED
    assert not PauseNotice.objects.exists()
