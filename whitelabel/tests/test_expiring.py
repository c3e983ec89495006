"""Reminders of client secrets that expire soon."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from messages.models import Message
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from testing import factories
from whitelabel.models import WhiteLabel
from whitelabel.tasks import notify_expiring_secrets

pytestmark = pytest.mark.django_db


def server_of(scope_key: str, policy: str, days: int = 40) -> SmtpServer:
    ends = timezone.now().date() + timedelta(days=days)
    return factories.make_server(
        policy, scope_key=scope_key, secret="x", host="smtp.example.com", auth="XOAUTH2", client_secret_expires_on=ends
    )


@pytest.fixture
def own(acme: WhiteLabel) -> SmtpServer:
    """Acme's server, whose client secret expires in 40 days."""
    server = server_of(acme.scope_key, Policy.WHITE_LABEL)
    factories.give_own_smtp(acme, server)
    return server


def remind(days_left: int) -> None:
    """Remind twice on the day when so many days are left of 40."""
    with time_machine.travel(timezone.now() + timedelta(days=40 - days_left)):
        notify_expiring_secrets()
        notify_expiring_secrets()


def test_admins_are_told_thirty_seven_and_one_day_before_once_each(own: SmtpServer) -> None:
    for days in (40, 31, 30, 29, 8, 7, 2, 1, 0, -3):
        remind(days)
    subjects = [message.thread.subject for message in Message.objects.order_by("pk")]
    assert [subject.split(" expires ")[1].split(",")[0] for subject in subjects] == [
        "in 30 days",
        "in 7 days",
        "tomorrow",
    ]


def test_both_admins_get_an_e_mail_and_nobody_else(own: SmtpServer, owner: User, charlie: User) -> None:
    remind(7)
    assert sorted(address for sent in mail.outbox for address in sent.to) == ["alice@acme.test", "bob@acme.test"]


def test_owners_are_told_of_the_platforms_server_by_e_mail(owner: User) -> None:
    factories.switch_on_platform_smtp(server_of("platform", Policy.PLATFORM))
    remind(1)
    assert [sent.to for sent in mail.outbox] == [[owner.email]]
    assert "expires tomorrow" in mail.outbox[0].subject
    assert not Message.objects.exists()


def test_who_looks_too_late_is_told_all_the_same(own: SmtpServer) -> None:
    remind(-2)
    assert "expired on" in Message.objects.get().thread.subject


def test_a_new_date_is_told_again(own: SmtpServer) -> None:
    remind(7)
    SmtpServer.objects.update(expiry_notified=None)  # as the form does with a new date
    remind(7)
    assert Message.objects.count() == 2


def test_passwords_have_no_end(acme: WhiteLabel, own: SmtpServer) -> None:
    SmtpServer.objects.update(auth="PASSWORD")
    remind(1)
    assert not Message.objects.exists()
