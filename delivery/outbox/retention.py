"""Let go of what has been kept long enough: contents first, the rows of the log much later, the figures never."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from delivery.models import Delivery, Email, Figure

ROWS_AT_ONCE = 500
ROUNDS = 40


def forget_contents() -> int:
    """Empty the contents of mail that is done with and older than `CONTENT_DAYS`; return how many."""
    done = _finished_before(settings.CONTENT_DAYS).filter(content__isnull=False)
    return sum([done.filter(pk__in=ids).update(content=None) for ids in _rounds(done)])


def forget_rows() -> int:
    """Delete mail that is done with and older than `LOG_DAYS`, and keep its figures; return how many."""
    return sum(_delete(ids) for ids in _rounds(_finished_before(settings.LOG_DAYS)))


def forget_content_of(email: Email) -> None:
    """Empty the content at once where no delivery needs it any more."""
    Email.objects.filter(pk=email.pk).exclude(deliveries__finished_at=None).update(content=None)


def _finished_before(days: int) -> QuerySet[Email]:
    unfinished = Delivery.objects.filter(email=OuterRef("pk"), finished_at=None)
    old = Email.objects.filter(accepted_at__lt=timezone.now() - timedelta(days=days))
    return old.filter(~Exists(unfinished)).order_by("accepted_at")


def _rounds(emails: QuerySet[Email]) -> list[list[UUID]]:
    """Return ids in bounded portions; the next run of the task goes on where this one ends."""
    ids = list(emails.values_list("pk", flat=True)[: ROWS_AT_ONCE * ROUNDS])
    return [ids[start : start + ROWS_AT_ONCE] for start in range(0, len(ids), ROWS_AT_ONCE)]


def _delete(ids: list[UUID]) -> int:
    days = Delivery.objects.filter(email__in=ids).annotate(day=TruncDate("email__accepted_at"))
    with transaction.atomic():
        counts = days.order_by().values_list("email__application_id", "day", "status").annotate(mails=Count("pk"))
        for application_id, day, status, mails in counts:
            Figure.add(application_id, day, status, mails)
        Email.objects.filter(pk__in=ids).delete()
    return len(ids)
