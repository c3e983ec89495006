"""Let go of what has been kept long enough: contents first, the rows of the log much later."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from delivery.models import Attempt, Delivery, Email, FoldMark

ROWS_AT_ONCE = 500
PORTIONS = 40


def forget_contents() -> int:
    """Empty the contents of mail that is done with and older than `CONTENT_DAYS`; return how many."""
    done = _finished_before(settings.CONTENT_DAYS).filter(content__isnull=False)
    return sum([_empty(done, ids) for ids in _portions(done)])


def forget_rows() -> int:
    """Delete mail that is done with, older than `LOG_DAYS` and counted in the figures; return how many."""
    folded = FoldMark.objects.values_list("folded", flat=True).first() or 0
    uncounted = Attempt.objects.filter(delivery__email=OuterRef("pk"), pk__gt=folded)
    done = _finished_before(settings.LOG_DAYS).filter(~Exists(uncounted))
    return sum([_delete(done, ids) for ids in _portions(done)])


def forget_content_of(email_id: UUID) -> None:
    """Empty the content at once where no delivery needs it any more."""
    Email.objects.filter(pk=email_id).exclude(deliveries__finished_at=None).update(content=None)


@transaction.atomic
def _empty(done: QuerySet[Email], ids: list[UUID]) -> int:
    return _locked(done, ids).update(content=None)


@transaction.atomic
def _delete(done: QuerySet[Email], ids: list[UUID]) -> int:
    return _locked(done, ids).delete()[1].get("delivery.Email", 0)


def _locked(done: QuerySet[Email], ids: list[UUID]) -> QuerySet[Email]:
    """Return those of `ids` that are done with still, while nobody can have one of them tried again."""
    list(Email.objects.select_for_update(no_key=True).filter(pk__in=ids).values_list("pk"))
    return done.filter(pk__in=ids)


def _finished_before(days: int) -> QuerySet[Email]:
    unfinished = Delivery.objects.filter(email=OuterRef("pk"), finished_at=None)
    then = timezone.now() - timedelta(days=days)
    old = Email.objects.filter(Q(scheduled_at=None) | Q(scheduled_at__lt=then), accepted_at__lt=then)
    return old.filter(~Exists(unfinished)).order_by("accepted_at")


def _portions(emails: QuerySet[Email]) -> list[list[UUID]]:
    """Return ids in bounded portions; the next run of the task goes on where this one ends."""
    ids = list(emails.values_list("pk", flat=True)[: ROWS_AT_ONCE * PORTIONS])
    return [ids[start : start + ROWS_AT_ONCE] for start in range(0, len(ids), ROWS_AT_ONCE)]
