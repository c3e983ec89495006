"""What the sessions with a server have shown lately: its circuit breaker, and how much it takes.

One row for each server key, the server default among them. All writes are single statements or lock the row, since
every worker makes them; a row that is missing means that nothing bad is known.
"""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from smtp_settings.models.throttle import Throttle

FAILURES_TO_OPEN = 3
FAILURES_WHILE_RESTING = 5  # of a server that took mail a moment ago: one that is restarted is back within seconds
REST_AFTER_FAILURE = timedelta(seconds=1.8)
PROBE_SECONDS = 60
SUCCESS_NOTED_EVERY_SECONDS = 60
PROVEN_SECONDS = 24 * 3600


class ServerHealthQuerySet(models.QuerySet["ServerHealth"]):
    def keeping_back(self) -> Self:
        """The servers whose breaker keeps mail back now."""
        return self.filter(open_until__gt=timezone.now())


class ServerHealth(Throttle):
    """The breaker is closed, open (`open_until` ahead), or half open: then one probe at a time may go through."""

    key = models.CharField(primary_key=True, max_length=36)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    failed_at = models.DateTimeField(null=True, blank=True, help_text="The last that counted.")
    openings = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True, blank=True)
    probe_until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=600, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)

    objects = ServerHealthQuerySet.as_manager()

    class Meta:
        verbose_name = "health of an SMTP server"
        verbose_name_plural = "health of SMTP servers"

    def __str__(self) -> str:
        return self.key

    @classmethod
    def of(cls, key: str) -> "ServerHealth":
        """Return what is known of the server, an unsaved row where nothing is."""
        return cls.objects.filter(key=key).first() or cls(key=key)

    @property
    def is_open(self) -> bool:
        """Return whether the breaker keeps mail back, until it has let a probe through."""
        return self.open_until is not None

    @property
    def keeps_back(self) -> bool:
        return self.open_until is not None and self.open_until > timezone.now()

    @property
    def proven(self) -> bool:
        """Return whether the server took mail within a day and has not failed since."""
        fresh = timezone.now() - timedelta(seconds=PROVEN_SECONDS)
        return not self.failures and self.succeeded_at is not None and self.succeeded_at > fresh

    @property
    def is_well(self) -> bool:
        """Return whether nothing keeps a worker from sending all that is due."""
        return not (self.failures or self.is_open or self.is_paced)

    def note_success(self, *, is_probe: bool = False) -> None:
        """Close the breaker; a probe that was taken ends a rest. Writes nothing while all is well."""
        now = timezone.now()
        self._ensure()
        stale = Q(succeeded_at=None) | Q(succeeded_at__lt=now - timedelta(seconds=SUCCESS_NOTED_EVERY_SECONDS))
        troubled = Q(failures__gt=0) | Q(open_until__isnull=False)
        ServerHealth.objects.filter(troubled | stale, key=self.key).update(
            failures=0, openings=0, open_until=None, probe_until=None, why="", succeeded_at=now
        )
        if is_probe:
            self.note_taken()

    def note_failure(self, why: str, *, since: datetime | None = None) -> datetime | None:
        """Count a failure of the server itself; return until when the breaker is open, None while it is closed.

        What was under way `since` before the last failure that counted is the same event: the connections of all
        workers end at once. A server that took mail lately rests for a moment each time: it may be being restarted.
        """
        self._ensure()
        with transaction.atomic():
            row = ServerHealth.objects.select_for_update().get(key=self.key)
            if since and (row.is_resting or (row.failed_at and since <= row.failed_at)):
                return row.open_until
            now, rests = timezone.now(), row.proven or row.is_resting
            row.failures += 1
            row.why, row.probe_until, row.failed_at = why[:600], None, now
            if row.failures >= (FAILURES_WHILE_RESTING if rests else FAILURES_TO_OPEN):
                row._open()
            elif rests and not row.limited_at:
                row.rest_until, row.rest_seconds = now + REST_AFTER_FAILURE, REST_AFTER_FAILURE.total_seconds()
            row.save()
        return row.open_until

    def _open(self) -> None:
        seconds = settings.BREAKER_SECONDS[min(self.openings, len(settings.BREAKER_SECONDS) - 1)]
        self.open_until, self.openings = timezone.now() + timedelta(seconds=seconds), self.openings + 1
        self.rest_until = self.limited_at = None

    def take_probe(self) -> bool:
        """Become the one who tries an open server whose time is up; return whether this call did."""
        now = timezone.now()
        free = Q(probe_until=None) | Q(probe_until__lt=now)
        due = ServerHealth.objects.filter(free, key=self.key, open_until__lte=now)
        until = now + timedelta(seconds=PROBE_SECONDS)
        taken = due.update(probe_until=until) == 1
        if taken:
            self.probe_until = until
        return taken

    def give_probe_back(self) -> None:
        """Let another try the server: there was no mail to try it with. A probe that others have taken stays theirs."""
        ServerHealth.objects.filter(key=self.key, probe_until=self.probe_until).update(probe_until=None)

    @property
    def wait_seconds(self) -> float | None:
        """How long it is until another message may leave, or is tried; None where nothing says when."""
        if self.open_until is None:
            return super().wait_seconds
        return (self.open_until - timezone.now()).total_seconds() if self.keeps_back else None

    def reset(self) -> None:
        """Forget all trouble: a person has checked the server."""
        ServerHealth.objects.filter(key=self.key).update(
            failures=0, failed_at=None, openings=0, open_until=None, probe_until=None, why=""
        )
        self.forget_limits()
