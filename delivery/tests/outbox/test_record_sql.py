"""What is written for every accepted delivery in SQL of its own: the same as the models write."""

from datetime import timedelta

import pytest
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils import timezone

from delivery.models import Attempt, Delivery
from delivery.models.delivery import LEASE_SECONDS
from delivery.outbox.batch import claim
from delivery.outbox.leased import LeasedDelivery
from delivery.outbox.route_cache import cached_route
from delivery.worker.recording import AttemptResult, Recorder
from smtp_settings.choices import Outcome, Phase
from smtp_settings.transport.submission import SubmissionResult
from testing.mail import accept, worker_died

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPTED = SubmissionResult(Outcome.SENT, Phase.DONE, "ok, don't % worry", 250, "2.0.0", "127.0.0.1", "TLSv1.3", 7)
TIMES = ("at", "finished_at", "due_at", "leased_until", "lease", "delivery", "id", "email", "recipient")


def two_leased() -> tuple[AttemptResult, LeasedDelivery]:
    accept("eve@users.test", "fay@users.test")
    first, second = claim("default", limit=2).deliveries
    return AttemptResult(first, cached_route(first), ACCEPTED), second


def announce(attempt: AttemptResult, following: LeasedDelivery) -> bool:
    """Announce `following` with what came of `attempt`."""
    recorder = Recorder(attempt.delivery.lease)
    recorder.record(attempt)
    return following.pk in recorder.announce([following])


def values(row: Model) -> dict[str, object]:
    """Return what does not differ from one row to the next."""
    return {name: value for name, value in model_to_dict(row).items() if name not in TIMES}


def test_it_writes_an_attempt_as_the_model_does() -> None:
    attempt, following = two_leased()
    assert announce(attempt, following)
    (written,) = Attempt.objects.all()
    saved = Attempt.objects.create(delivery_id=attempt.delivery.pk, **attempt.columns())
    saved.refresh_from_db()
    assert values(written) == values(saved)
    assert abs(written.at - saved.at) < timedelta(seconds=5)


def test_it_marks_a_delivery_as_sent_and_lets_go_of_it() -> None:
    attempt, following = two_leased()
    untouched = values(Delivery.objects.get(pk=attempt.delivery.pk))
    announce(attempt, following)
    sent = Delivery.objects.get(pk=attempt.delivery.pk)
    reason = "Accepted by the server: 250 ok, don't % worry"
    assert values(sent) == untouched | {"status": "SENT", "attempt_count": 1, "status_reason": reason}
    assert (sent.lease, sent.leased_until, sent.due_at, sent.final_dot_announced) == (None, None, None, False)
    assert sent.finished_at
    assert abs(sent.finished_at - timezone.now()) < timedelta(seconds=5)


def test_it_announces_the_final_dot_and_extends_the_lease() -> None:
    attempt, following = two_leased()
    untouched = values(Delivery.objects.get(pk=following.pk))
    announce(attempt, following)
    announced = Delivery.objects.get(pk=following.pk)
    assert values(announced) == untouched
    assert (announced.status, announced.final_dot_announced) == ("SENDING", True)
    assert announced.leased_until
    assert abs(announced.leased_until - timezone.now() - timedelta(seconds=LEASE_SECONDS)) < timedelta(seconds=5)


def test_a_lost_lease_writes_nothing_for_the_one_and_all_for_the_other() -> None:
    attempt, following = two_leased()
    Delivery.objects.filter(pk=attempt.delivery.pk).update(status="CANCELLED", lease=None, leased_until=None)
    assert announce(attempt, following)
    assert not Attempt.objects.exists()
    assert Delivery.objects.get(pk=attempt.delivery.pk).status == "CANCELLED"


def test_without_its_lease_the_following_may_not_end() -> None:
    attempt, following = two_leased()
    Delivery.objects.filter(pk=following.pk).update(status="QUEUED", lease=None, leased_until=None)
    assert not announce(attempt, following)
    assert Delivery.objects.get(pk=attempt.delivery.pk).status == "SENT"


def test_a_worker_that_dies_with_one_kept_back_leaves_exactly_that_one_uncertain() -> None:
    attempt, following = two_leased()
    recorder = Recorder(attempt.delivery.lease)
    recorder.announce([attempt.delivery])
    recorder.record(attempt)
    worker_died()
    statuses = Delivery.objects.in_bulk([attempt.delivery.pk, following.pk])
    assert statuses[attempt.delivery.pk].status == "UNCERTAIN"
    assert statuses[attempt.delivery.pk].possible_duplicate
    assert statuses[following.pk].status == "QUEUED"
