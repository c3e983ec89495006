"""A warning a week before a key expires."""

from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone

from gateway.choices import Maker
from gateway.keys.ending import DAYS_BEFORE
from gateway.models import Key
from gateway.tasks import warn_of_expiring_keys
from messages.models import Message
from people.models import User
from testing.factories import make_application, make_key
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def in_days(days: int) -> object:
    return timezone.now().date() + timedelta(days=days)


def test_a_white_labels_people_are_warned_a_week_before_once(
    shop: Application, alice: User, mailoutbox: list[EmailMessage]
) -> None:
    make_key(shop, alice, ends_on=in_days(DAYS_BEFORE + 1))
    warn_of_expiring_keys()
    assert not Message.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        warn_of_expiring_keys()
        warn_of_expiring_keys()
    message = Message.objects.get()
    assert "is the last day (UTC) on which the key “Shop server”" in message.body
    assert sorted(mail.to[0] for mail in mailoutbox) == ["alice@acme.test", "bob@acme.test"]


@pytest.mark.parametrize("of_platform", [True, False])
def test_the_platform_is_warned_of_keys_that_it_made(
    of_platform: bool, shop: Application, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    key = make_key(None if of_platform else shop, owner, Maker.PLATFORM, ends_on=in_days(1))
    warn_of_expiring_keys()
    (mail,) = mailoutbox
    assert mail.to == [owner.email]
    assert f"/backoffice/keys/{key.pk}/change/" in mail.body


def test_of_keys_that_do_not_work_any_more_nobody_is_warned(shop: Application, alice: User) -> None:
    make_key(shop, alice, ends_on=in_days(1)).revoke(by=alice)
    expired = make_key(shop, alice, name="Expired")
    Key.objects.filter(pk=expired.pk).update(ends_on=in_days(-1))
    make_key(shop, alice, name="Endless")
    warn_of_expiring_keys()
    assert not Message.objects.exists()
