"""One act on every delivery that a list shows: a job of a worker, with its progress, which can be stopped."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from people.roles import Right, may
from tables.fields import ChoiceField
from whitelabel.models import WhiteLabel
from whitelabel.models.white_label import AnyUser

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def visible_to(self, user: AnyUser) -> Self:
        """All for the platform's people, those of the own white-labels for theirs."""
        if may(user, Right.SEE):
            return self
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))

    def waiting(self) -> Self:
        """Those that no worker is at: not taken up yet, put off, or left by one that died. Of each white-label, and of
        the platform, the first alone."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=timezone.now())
        begun_first = BulkAct.objects.filter(finished_at=None).order_by().values("white_label")
        return self.filter(free, pk__in=begun_first.annotate(first=models.Min("pk")).values("first"))

    def old(self) -> Self:
        return self.filter(finished_at__lt=timezone.now() - KEPT)


class BulkAct(models.Model):
    """What is acted on is what the list shows with the filters of `query`, of what was there when it was asked for.

    It is done in the order of the log; `place_at` and `place_id` are how far it came, so that a worker goes on where
    another one died. No id is above `newest`. `total` is None where there were too many to count. `tries` are those of
    the portion that is next.
    """

    class Act(models.TextChoices):
        RETRY = "RETRY", "Send again now"
        CANCEL = "CANCEL", "Cancel"

    act = ChoiceField(max_length=10, choices=Act.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    white_label = models.ForeignKey(WhiteLabel, null=True, on_delete=models.CASCADE, related_name="+")
    query = models.TextField(blank=True)
    newest = models.BigIntegerField()
    place_at = models.DateTimeField(null=True)
    place_id = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    seen = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    stop_asked_by = models.CharField(max_length=254, blank=True)
    failure = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    objects = BulkActQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.total or 'all'}"

    @property
    def is_stopped(self) -> bool:
        return bool(self.finished_at and self.stop_asked_by)

    def ask_to_stop(self, who: str) -> bool:
        """Have it end after the portion that is under way, at once where none is; return whether it had not ended."""
        now = models.Case(models.When(lease=None, then=models.Value(timezone.now())))
        going = BulkAct.objects.filter(pk=self.pk, finished_at=None)
        return going.update(stop_asked_by=who[:254], finished_at=now) == 1

    def claim(self) -> bool:
        """Return whether this worker has it now; of two, one."""
        self.lease = uuid.uuid4()
        leased = {"lease": self.lease, "leased_until": timezone.now() + LEASE, "tries": models.F("tries") + 1}
        claimed = BulkAct.objects.filter(pk=self.pk).waiting().update(**leased) == 1
        if claimed:
            self.refresh_from_db()
        return claimed

    @property
    def place(self) -> tuple[datetime, int] | None:
        """Where in the log it goes on; None at its beginning."""
        return (self.place_at, self.place_id) if self.place_at else None

    def renew(self) -> bool:
        """Return whether this worker still has it, which it then has for a whole lease."""
        return self._mine.update(leased_until=timezone.now() + LEASE) == 1

    def note_portion(self, seen: int, done: int, place: tuple[datetime, int]) -> bool:
        """Store how far it came; return whether to go on: not where somebody stopped it or another worker has it."""
        noted = self._mine.update(
            seen=models.F("seen") + seen,
            done=models.F("done") + done,
            place_at=place[0],
            place_id=place[1],
            tries=1,
            leased_until=timezone.now() + LEASE,
        )
        self.refresh_from_db()
        return noted == 1 and not self.stop_asked_by

    def pause(self) -> None:
        """Let any worker go on with it."""
        self._mine.update(lease=None, leased_until=None, tries=0)

    def finish(self) -> None:
        self._mine.update(finished_at=timezone.now(), failure=self.failure, lease=None, leased_until=None)
        self.refresh_from_db()

    @property
    def _mine(self) -> BulkActQuerySet:
        return BulkAct.objects.filter(pk=self.pk, lease=self.lease, finished_at=None)
