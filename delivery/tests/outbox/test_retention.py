"""Contents go first, rows much later; what is not finished stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.figures.fold import fold
from delivery.models import Delivery, Email
from delivery.outbox import retention
from delivery.tasks import clean_up
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def age(delivery: Delivery, days: int) -> Delivery:
    Email.objects.filter(pk=delivery.email_id).update(accepted_at=timezone.now() - timedelta(days=days))
    return delivery


def test_the_content_of_sent_mail_goes_after_thirty_days(server: LoopbackSmtpServer) -> None:
    old, young = age(drain(accept()[0]), 31), age(drain(accept()[0]), 29)
    clean_up()
    assert Email.objects.get(pk=old.email_id).content is None
    assert Email.objects.get(pk=young.email_id).content


def test_what_still_waits_keeps_its_content_and_its_row(server: LoopbackSmtpServer) -> None:
    waiting = age(accept()[0], 500)
    clean_up()
    assert Email.objects.get(pk=waiting.email_id).content


def test_the_content_of_urgent_mail_goes_when_it_is_sent(server: LoopbackSmtpServer) -> None:
    urgent = drain(accept(priority=Delivery.Priority.URGENT)[0])
    assert urgent.status == "SENT"
    assert Email.objects.get(pk=urgent.email_id).content is None


def test_urgent_mail_to_two_keeps_its_content_until_both_have_it(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "450 4.2.1 busy", about="b@", times=1)
    first, _ = accept("a@users.test", "b@users.test", priority=Delivery.Priority.URGENT)
    drain(first)
    assert Email.objects.get(pk=first.email_id).content


def test_rows_go_after_four_hundred_days(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.7.1 no", about="b@")
    for delivery in accept("a@users.test", "b@users.test", "c@users.test"):
        drain(delivery)
    age(delivery, 401)
    fold()
    assert retention.forget_rows() == 1
    assert not Email.objects.exists()
    assert not Delivery.objects.exists()


def test_what_has_no_content_any_more_is_not_sent_again(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.7.1 no", times=1)
    failed = age(drain(accept()[0]), 31)
    clean_up()
    assert not failed.retry()
    assert drain(failed).status == "FAILED"
