"""Mail that leaves later, and tests, which never do."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery import api, schedule
from delivery.models import DailyCount, Delivery, Email
from delivery.outbox import retry_schedule
from delivery.tasks import clean_up
from people.models import User
from testing.factories import make_application
from testing.mail import drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application

pytestmark = pytest.mark.django_db(transaction=True)


def _accept(*, days: int = 20, test: bool = False, application: Application | None = None) -> Delivery:
    at = timezone.now() + timedelta(days=days)
    prepared = api.prepare(application, to="eve@users.test", subject="Hi", text="Text", scheduled_at=at)
    prepared[0].test = test
    return api.accept([prepared])[0].deliveries.get()


def _accepted_days_ago(delivery: Delivery, days: int) -> Delivery:
    """Return the delivery as it is when its time has come."""
    now = timezone.now()
    Email.objects.filter(pk=delivery.email_id).update(accepted_at=now - timedelta(days=days), scheduled_at=now)
    return Delivery.objects.select_related("email").get(pk=delivery.pk)


def test_scheduled_mail_does_not_leave_before_its_time(server: LoopbackSmtpServer) -> None:
    delivery = _accept()
    assert (drain(delivery).status, len(server.messages)) == ("QUEUED", 0)
    make_due(delivery)
    assert (drain(delivery).status, len(server.messages)) == ("SENT", 1)


def test_a_test_never_leaves_whatever_runs(server: LoopbackSmtpServer) -> None:
    delivery = _accept(test=True)
    make_due(delivery)
    assert (drain(delivery).status, len(server.messages)) == ("TEST", 0)
    assert not delivery.retry()


def test_it_is_retried_as_long_as_if_it_had_been_accepted_then(server: LoopbackSmtpServer) -> None:
    assert retry_schedule.next_try(_accepted_days_ago(_accept(), 20), counts=True)


def test_its_content_is_kept_as_long_as_if_it_had_been_accepted_then(server: LoopbackSmtpServer) -> None:
    delivery = _accepted_days_ago(_accept(), 40)
    make_due(delivery)
    assert drain(delivery).status == "SENT"
    clean_up()
    assert Email.objects.get().content
    Email.objects.update(scheduled_at=timezone.now() - timedelta(days=31))
    clean_up()
    assert Email.objects.get().content is None


def test_it_counts_for_the_day_on_which_it_leaves(server: LoopbackSmtpServer, alice: User) -> None:
    application = make_application(alice)
    application.daily_limit = 1
    application.save()
    delivery = _accept(application=application)
    today = timezone.now().date()
    assert DailyCount.of(application, today) == 0
    make_due(delivery)
    assert drain(delivery).status == "SENT"
    assert DailyCount.of(application, today) == 1


def test_what_a_worker_has_leased_is_not_rescheduled(server: LoopbackSmtpServer) -> None:
    delivery = _accept()
    leased = {"lease": delivery.email_id, "leased_until": timezone.now() + timedelta(seconds=40)}
    Delivery.objects.update(status="SENDING", **leased)
    assert not schedule.reschedule(delivery.email, timezone.now() + timedelta(days=1))
    assert not schedule.cancel(delivery.email)


def test_what_is_sent_again_waits_for_its_time_all_the_same(server: LoopbackSmtpServer) -> None:
    delivery = _accept()
    schedule.cancel(delivery.email)
    delivery.refresh_from_db()
    assert delivery.retry()
    assert delivery.due_at == delivery.email.scheduled_at


@pytest.mark.parametrize("at", [timedelta(days=31), timedelta(days=-2), "2026-12-24T18:00"])
def test_a_time_that_is_none_or_too_far_is_refused_by_every_way_in(at: timedelta | str) -> None:
    time = datetime.fromisoformat(at) if isinstance(at, str) else timezone.now() + at
    with pytest.raises(ValidationError, match="scheduled_at"):
        api.send(None, to="eve@users.test", subject="Hi", text="Text", scheduled_at=time)
    assert not Email.objects.exists()


def test_a_time_that_is_just_over_means_now() -> None:
    at = timezone.now() - timedelta(hours=1)
    email = api.send(None, to="eve@users.test", subject="Hi", text="Text", scheduled_at=at)
    assert email.scheduled_at is None
