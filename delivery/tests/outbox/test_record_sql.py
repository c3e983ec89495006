"""The fast path writes the same as the methods of the state machine."""

import pytest
from django.forms.models import model_to_dict

from delivery.models import Attempt, Delivery
from delivery.outbox.batch import claim
from delivery.outbox.leased import Claimed
from delivery.outbox.route_cache import recent_route
from delivery.worker.recording import Recorder, Tried, record
from smtp_settings.choices import Outcome, Phase
from smtp_settings.transport.submission import SubmissionResult
from testing.mail import accept, worker_died

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPTED = SubmissionResult(Outcome.SENT, Phase.DONE, "ok, don't % worry", 250, "2.0.0", "127.0.0.1", "TLSv1.3", 7)
TIMES = ("at", "finished_at", "due_at", "leased_until", "lease", "delivery", "id", "email", "recipient")


def two_claimed() -> tuple[Tried, Claimed]:
    accept("eve@users.test", "fay@users.test")
    first, second = claim("default", limit=2).deliveries
    return Tried(first, recent_route(first), ACCEPTED), second


def announce(tried: Tried, following: Claimed) -> bool:
    """Announce `following` with `tried` kept back, which takes the fast path."""
    recorder = Recorder(tried.delivery.lease)
    recorder.record(tried)
    return following.pk in recorder.announce([following])


def rows(delivery: Claimed) -> tuple[dict[str, object], dict[str, object]]:
    """Return the delivery and its attempt without what differs from one to the next."""
    attempt = model_to_dict(Attempt.objects.get(delivery=delivery.pk))
    values = model_to_dict(Delivery.objects.get(pk=delivery.pk))
    return ({k: v for k, v in values.items() if k not in TIMES}, {k: v for k, v in attempt.items() if k not in TIMES})


def test_it_writes_what_the_slow_path_writes() -> None:
    slow, _ = two_claimed()
    assert record(slow)
    fast, following = two_claimed()
    assert announce(fast, following)
    assert rows(fast.delivery) == rows(slow.delivery)


def test_it_announces_the_final_dot_as_the_slow_path_does() -> None:
    tried, following = two_claimed()
    announce(tried, following)
    accept()
    (other,) = claim("default", limit=1).deliveries
    other.row.announce_final_dot()
    first, second = Delivery.objects.get(pk=following.pk), Delivery.objects.get(pk=other.pk)
    assert (first.status, first.final_dot_announced) == (second.status, second.final_dot_announced) == ("SENDING", True)
    assert first.leased_until
    assert second.leased_until
    assert abs((first.leased_until - second.leased_until).total_seconds()) < 5


def test_a_lost_lease_writes_nothing_for_the_one_and_all_for_the_other() -> None:
    tried, following = two_claimed()
    Delivery.objects.filter(pk=tried.delivery.pk).update(status="CANCELLED", lease=None, leased_until=None)
    assert announce(tried, following)
    assert not Attempt.objects.exists()
    assert Delivery.objects.get(pk=tried.delivery.pk).status == "CANCELLED"


def test_without_its_lease_the_following_may_not_end() -> None:
    tried, following = two_claimed()
    Delivery.objects.filter(pk=following.pk).update(status="QUEUED", lease=None, leased_until=None)
    assert not announce(tried, following)
    assert Delivery.objects.get(pk=tried.delivery.pk).status == "SENT"


def test_a_worker_that_dies_with_one_kept_back_leaves_exactly_that_one_uncertain() -> None:
    tried, following = two_claimed()
    recorder = Recorder(tried.delivery.lease)
    recorder.announce([tried.delivery])
    recorder.record(tried)
    worker_died()
    statuses = Delivery.objects.in_bulk([tried.delivery.pk, following.pk])
    assert statuses[tried.delivery.pk].status == "UNCERTAIN"
    assert statuses[tried.delivery.pk].possible_duplicate
    assert statuses[following.pk].status == "QUEUED"
