"""How much a server takes, as a person has limited it and as it has said itself.

A server that refuses messages for their number rests: nobody sends for a second, then one message is tried, then
nobody sends for twice as long. Once one is taken, its rate is known: what it took before, one at least, by the
time from then until now. It is sent to at that rate, which grows with time until it refuses again (additive increase,
multiplicative decrease, as in RFC 5681 3.1, with the increase by time).
"""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

CROWDED_SECONDS = 600
CONNECTION_SECONDS = 150  # so often a further connection is dared
SAME_EVENT_SECONDS = 1
REST_SECONDS, LONGEST_REST_SECONDS = 1, 600
QUOTA_REST_SECONDS = 600
MEASURED_SECONDS = 60  # of what was taken before a refusal
SLOWEST_RATE = 0.1  # messages a second
GROWTH_PER_MINUTE = 1.1
RATE_HOURS = 12  # so long a rate is worth knowing: it has grown past any limit
BURST_MESSAGES, BURST_SECONDS = 5, 1  # what may leave at once after a pause


class Throttle(models.Model):
    """All that changes is one row, locked while it is counted: every worker counts there."""

    connections = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Fewer than configured.")
    crowded_until = models.DateTimeField(null=True, blank=True)
    minute = models.DateTimeField(null=True, blank=True)
    sent_in_minute = models.PositiveIntegerField(default=0)
    rate = models.FloatField(null=True, blank=True, help_text="Messages a second, as learned.")
    rate_at = models.DateTimeField(null=True, blank=True)
    allowance = models.FloatField(default=0, help_text="Messages that might leave now, by the rate.")
    allowance_at = models.DateTimeField(null=True, blank=True)
    limited_at = models.DateTimeField(null=True, blank=True, help_text="It refuses messages since then.")
    limit_reply = models.CharField(max_length=600, blank=True)
    taken_before = models.PositiveIntegerField(default=0, help_text="Messages, before it refused more.")
    taken_seconds = models.FloatField(default=0)
    rest_seconds = models.FloatField(default=0, help_text="How long the present rest is.")
    rest_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    # Connections

    @property
    def is_crowded(self) -> bool:
        """Return whether it takes fewer connections than configured for now."""
        return self.connections is not None and self.crowded_until is not None and self.crowded_until > timezone.now()

    def connections_of(self, configured: int) -> int:
        """Return how many connections may be open at once; one more every `CONNECTION_SECONDS`."""
        if self.connections is None or self.crowded_until is None or not self.is_crowded:
            return configured
        passed = CROWDED_SECONDS - (self.crowded_until - timezone.now()).total_seconds()
        return min(self.connections + int(passed / CONNECTION_SECONDS), configured)

    def note_crowded(self, in_use: int) -> None:
        """Halve the connections for a while: the server said that there are too many. One event halves them once."""
        self._ensure()
        until = timezone.now() + timedelta(seconds=CROWDED_SECONDS)
        earlier = Q(crowded_until=None) | Q(crowded_until__lt=until - timedelta(seconds=SAME_EVENT_SECONDS))
        self._mine().filter(earlier).update(connections=max(1, in_use // 2), crowded_until=until)

    # Messages

    @property
    def is_resting(self) -> bool:
        """Return whether one message at a time is tried, with pauses between them."""
        return self.rest_until is not None

    @property
    def is_paced(self) -> bool:
        """Return whether it is sent to by a rate, or rests."""
        return self.is_resting or self._rate_at(timezone.now()) is not None

    @property
    def slowed_to(self) -> int | None:
        """How many messages a minute it takes, as far as has been learned; None where no limit is known."""
        rate = self._rate_at(timezone.now())
        return round(rate * 60) if rate else None

    def take_allowance(self, wanted: int, *, per_minute: int) -> int:
        """Return how many of `wanted` messages may leave now, and count them; a limit `per_minute` of 0 is none."""
        if not per_minute and not self.is_paced:
            return wanted
        self._ensure()
        now = timezone.now()
        with transaction.atomic():
            row = self._mine().select_for_update().get()
            granted = row._in_minute(wanted, per_minute, now) if per_minute else wanted
            granted = row._by_rest(granted, now) if row.is_resting else row._by_rate(granted, now)
            row.sent_in_minute += granted if per_minute else 0
            row._save_throttle()
        self._adopt(row)
        return granted

    def give_allowance_back(self, unused: int) -> None:
        """Take back what was granted and not used; what one minute had is of no use to the next."""
        mine = self._mine()
        mine.filter(minute=self.minute, sent_in_minute__gte=unused).update(sent_in_minute=F("sent_in_minute") - unused)
        mine.update(allowance=F("allowance") + unused)
        if self.is_resting:
            mine.filter(rest_until=self.rest_until).update(
                rest_until=timezone.now(), rest_seconds=F("rest_seconds") / 2
            )

    @property
    def wait_seconds(self) -> float | None:
        """How long it is until another message may leave; None where that is not for the rate to say."""
        now = timezone.now()
        if self.rest_until:
            return max(0.0, (self.rest_until - now).total_seconds())
        rate = self._rate_at(now)
        if not rate or self.allowance_at is None:
            return None
        passed = (now - self.allowance_at).total_seconds()
        return max(0.0, (1 - self.allowance) / rate - passed)

    def rest(self, seconds: float, reply: str = "") -> None:
        """Let nobody send for so long, and then one message at a time, unless it rests already."""
        self._ensure()
        until = timezone.now() + timedelta(seconds=seconds)
        self._mine().filter(rest_until=None).update(rest_until=until, rest_seconds=seconds, limit_reply=reply[:600])

    def note_limited(self, reply: str, *, taken: int, seconds: float) -> None:
        """Rest: the server has refused a message for the number of those before it, `taken` in the last `seconds`."""
        self.rest(REST_SECONDS, reply)
        self._mine().filter(limited_at=None).update(
            limited_at=timezone.now(), taken_before=taken, taken_seconds=seconds
        )

    def note_taken(self) -> None:
        """End the rest: a message was taken. Know the rate from now on, where it was a limit that had it rest."""
        self._ensure()
        now = timezone.now()
        with transaction.atomic():
            row = self._mine().select_for_update().get()
            if row.limited_at:
                seconds = row.taken_seconds + (now - row.limited_at).total_seconds()
                row.rate = max(max(row.taken_before, 1) / seconds, SLOWEST_RATE) if seconds else None
                row.rate_at = row.allowance_at = now
                row.allowance, row.limited_at = 0, None
            row.rest_until, row.rest_seconds = None, 0
            row._save_throttle()
        self._adopt(row)

    def forget_limits(self) -> None:
        """Send as configured again."""
        self._mine().update(
            connections=None, crowded_until=None, rate=None, limited_at=None, rest_until=None, rest_seconds=0
        )

    def _in_minute(self, wanted: int, per_minute: int, now: datetime) -> int:
        minute = now.replace(second=0, microsecond=0)
        if self.minute is None or self.minute < minute:
            self.minute, self.sent_in_minute = minute, 0
        return max(0, min(wanted, per_minute - self.sent_in_minute))

    def _by_rest(self, wanted: int, now: datetime) -> int:
        """One message when the rest is over; whoever has it holds the others back for twice as long."""
        if not wanted or self.rest_until is None or self.rest_until > now:
            return 0
        self.rest_seconds = min(self.rest_seconds * 2, LONGEST_REST_SECONDS)
        self.rest_until = now + timedelta(seconds=self.rest_seconds)
        return 1

    def _by_rate(self, wanted: int, now: datetime) -> int:
        """What has come together since the last message, up to a burst (a token bucket)."""
        rate = self._rate_at(now)
        if rate is None:
            return wanted
        passed = (now - (self.allowance_at or now)).total_seconds()
        self.allowance = min(self.allowance + passed * rate, max(BURST_MESSAGES, BURST_SECONDS * rate))
        self.allowance_at = now
        granted = max(0, min(wanted, int(self.allowance)))
        self.allowance -= granted
        return granted

    def _rate_at(self, now: datetime) -> float | None:
        """Return the rate as it has grown, None where none is known."""
        if self.rate is None or self.rate_at is None:
            return None
        minutes = (now - self.rate_at).total_seconds() / 60
        return self.rate * GROWTH_PER_MINUTE**minutes if minutes < RATE_HOURS * 60 else None

    def _mine(self) -> models.QuerySet["Throttle"]:
        return type(self)._default_manager.filter(pk=self.pk)

    def _ensure(self) -> None:
        if self._state.adding:
            type(self)._default_manager.get_or_create(pk=self.pk)
            self._state.adding = False

    def _save_throttle(self) -> None:
        self.save(update_fields=[field.name for field in Throttle._meta.local_fields])

    def _adopt(self, row: "Throttle") -> None:
        for field in Throttle._meta.local_fields:
            setattr(self, field.attname, getattr(row, field.attname))
