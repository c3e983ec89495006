"""What the sessions with a server have shown lately: its circuit breaker, and how much it takes.

One row for each server key, the server default among them. All writes are single statements, since every worker makes
them; a row that is missing means that nothing bad is known.
"""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

FAILURES_TO_OPEN = 3
PROBE_SECONDS = 60
CROWDED_SECONDS = 600
SUCCESS_NOTED_EVERY_SECONDS = 60
PROVEN_SECONDS = 24 * 3600


class ServerHealthQuerySet(models.QuerySet["ServerHealth"]):
    def keeping_back(self) -> Self:
        """The servers whose breaker keeps mail back now."""
        return self.filter(open_until__gt=timezone.now())


class ServerHealth(models.Model):
    """The breaker is closed, open (`open_until` ahead), or half open: then one probe at a time may go through."""

    key = models.CharField(primary_key=True, max_length=36)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    openings = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True, blank=True)
    probe_until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=600, blank=True)
    connections = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Fewer than configured.")
    crowded_until = models.DateTimeField(null=True, blank=True)
    minute = models.DateTimeField(null=True, blank=True)
    sent_in_minute = models.PositiveIntegerField(default=0)
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
    def is_crowded(self) -> bool:
        """Return whether it takes fewer connections than configured for now."""
        return self.connections is not None and self.crowded_until is not None and self.crowded_until > timezone.now()

    def connections_of(self, configured: int) -> int:
        """Return how many connections may be open at once."""
        return min(self.connections or configured, configured) if self.is_crowded else configured

    def note_success(self) -> None:
        """Close the breaker; writes nothing while all is well."""
        now = timezone.now()
        self._ensure()
        stale = Q(succeeded_at=None) | Q(succeeded_at__lt=now - timedelta(seconds=SUCCESS_NOTED_EVERY_SECONDS))
        troubled = Q(failures__gt=0) | Q(open_until__isnull=False)
        ServerHealth.objects.filter(troubled | stale, key=self.key).update(
            failures=0, openings=0, open_until=None, probe_until=None, why="", succeeded_at=now
        )

    def note_failure(self, why: str) -> datetime | None:
        """Count a failure of the server itself; return until when the breaker is open, None while it is closed."""
        self._ensure()
        with transaction.atomic():
            row = ServerHealth.objects.select_for_update().get(key=self.key)
            row.failures += 1
            row.why, row.probe_until = why[:600], None
            if row.failures >= FAILURES_TO_OPEN:
                seconds = settings.BREAKER_SECONDS[min(row.openings, len(settings.BREAKER_SECONDS) - 1)]
                row.open_until, row.openings = timezone.now() + timedelta(seconds=seconds), row.openings + 1
            row.save(update_fields=["failures", "why", "probe_until", "open_until", "openings"])
        return row.open_until

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

    def note_crowded(self, in_use: int) -> None:
        """Halve the connections for a while: the server said that there are too many (432, 452)."""
        self._ensure()
        fewer = max(1, in_use // 2)
        until = timezone.now() + timedelta(seconds=CROWDED_SECONDS)
        ServerHealth.objects.filter(key=self.key).update(connections=fewer, crowded_until=until)

    def take_allowance(self, wanted: int, *, per_minute: int) -> int:
        """Return how many of `wanted` messages may leave in this minute, and count them; 0 means no limit."""
        if not per_minute:
            return wanted
        self._ensure()
        self.minute = minute = timezone.now().replace(second=0, microsecond=0)
        mine = ServerHealth.objects.filter(key=self.key)
        mine.filter(Q(minute=None) | Q(minute__lt=minute)).update(minute=minute, sent_in_minute=0)
        with transaction.atomic():
            row = mine.select_for_update().get()
            granted = max(0, min(wanted, per_minute - row.sent_in_minute))
            mine.update(sent_in_minute=F("sent_in_minute") + granted)
        return granted

    def give_allowance_back(self, unused: int) -> None:
        """Take back what was granted and not used; it is of no use to anybody once its minute is over."""
        mine = ServerHealth.objects.filter(key=self.key, minute=self.minute, sent_in_minute__gte=unused)
        mine.update(sent_in_minute=F("sent_in_minute") - unused)

    def reset(self) -> None:
        """Forget all trouble: a person has checked the server."""
        ServerHealth.objects.filter(key=self.key).update(
            failures=0, openings=0, open_until=None, probe_until=None, why="", connections=None, crowded_until=None
        )

    def _ensure(self) -> None:
        if self._state.adding:
            ServerHealth.objects.get_or_create(key=self.key)
            self._state.adding = False
