"""A sending domain: the request of a white-label, what the owner answered, and where that stands."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from messages.models import Thread
from people.roles import Right, may
from whitelabel.models import transitions
from whitelabel.models.domain_queryset import SendingDomainQuerySet
from whitelabel.models.event import DomainEvent
from whitelabel.models.publishing import OWNERSHIP_LABEL, Publishing
from whitelabel.models.record import Record
from whitelabel.models.transitions import Move, MoveRefused, Rule, Side
from whitelabel.models.white_label import WhiteLabel

__all__ = ["OWNERSHIP_LABEL", "Record", "SendingDomain"]


class SendingDomain(Publishing):
    """`moves.RULES` says who may make which move from which states.

    Each move returns what it added to the history; it raises `PermissionDenied` or `MoveRefused`.
    """

    State = transitions.State
    OPEN: Sequence[str] = transitions.OPEN
    WAITING_FOR_DNS: Sequence[str] = transitions.WAITING_FOR_DNS
    LIVE: Sequence[str] = transitions.LIVE
    IN_USE: Sequence[str] = transitions.IN_USE
    CHECKED: Sequence[str] = transitions.IN_USE
    GRACE_HOURS = 72  # how long mail still leaves from a domain whose records are gone

    white_label = models.ForeignKey(
        WhiteLabel, verbose_name="white-label", on_delete=models.CASCADE, related_name="sending_domains"
    )
    state = models.CharField(max_length=10, choices=transitions.State.choices, default=transitions.State.REQUESTED)
    note = models.TextField(max_length=2000, blank=True, help_text="Anything the platform should know.")
    refusal = models.TextField(max_length=2000, blank=True)
    suspension = models.TextField(max_length=2000, blank=True, help_text="Why the owner did it; empty: by itself.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="domain_requests"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When the last move was made.")
    answered_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True, help_text="When DNS first showed every record.")
    activated_at = models.DateTimeField(null=True, blank=True)
    degraded_at = models.DateTimeField(null=True, blank=True)
    warned_hours = models.PositiveSmallIntegerField(default=0, help_text="The last warning since `degraded_at`.")
    thread = models.ForeignKey(Thread, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = SendingDomainQuerySet.as_manager()

    class Meta:
        verbose_name = "domain request"
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["white_label", "domain"],
                condition=models.Q(state__in=transitions.IN_USE),
                name="domain_one_open_per_white_label",
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=models.Q(state__in=transitions.LIVE),
                name="domain_live_for_one_white_label",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_over(self) -> bool:
        """Return whether nothing more comes of it by itself."""
        return self.state not in self.IN_USE

    @property
    def waits_for_dns(self) -> bool:
        return self.state in self.WAITING_FOR_DNS

    @property
    def grace_ends_at(self) -> datetime | None:
        """When the domain is suspended unless its records come back; None while DNS shows none of them to be gone."""
        return self.degraded_at + timedelta(hours=self.GRACE_HOURS) if self.degraded_at and self.gone else None

    @property
    def live_elsewhere(self) -> bool:
        """Return whether another white-label already sends from this domain."""
        return SendingDomain.objects.live().filter(domain=self.domain).exclude(pk=self.pk).exists()

    def request(self, *, by: models.Model) -> DomainEvent:
        """Store the request with the record that proves ownership; for admins of its white-label."""
        side = self._side_of(by, transitions.RULES[Move.REQUEST])
        self.requested_by_id = by.pk
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError as error:
            raise MoveRefused(self._asked_for) from error
        self.keep_records([])
        return self._note(Move.REQUEST, side, by, "", self.note)

    def withdraw(self, *, by: models.Model) -> DomainEvent:
        """Take the request back, or stop using the domain; for admins of its white-label."""
        return self._move(Move.WITHDRAW, by=by)

    def approve(self, records: Iterable[Record], *, by: models.Model) -> DomainEvent:
        """Accept the request and keep the records to publish; for platform owners."""
        with transaction.atomic():
            event = self._move(Move.APPROVE, by=by, answered_at=timezone.now())
            self.replace_records(records)
        return event

    def change_records(self, records: Iterable[Record], *, by: models.Model) -> DomainEvent:
        """Replace the records to publish; what DNS said of those that stay is kept. For platform owners."""
        with transaction.atomic():
            event = self._move(Move.CHANGE_RECORDS, by=by, answered_at=timezone.now())
            self.replace_records(records)
        return event

    def refuse(self, reason: str, *, by: models.Model) -> DomainEvent:
        """Say no, and why; for platform owners."""
        return self._move(Move.REFUSE, by=by, words=reason, refusal=reason, answered_at=timezone.now())

    def ask(self, question: str, *, by: models.Model) -> DomainEvent:
        """Ask the white-label something, whose answer is waited for; for platform owners."""
        return self._move(Move.ASK, by=by, words=question)

    def answer(self, text: str, *, by: models.Model) -> DomainEvent:
        """Write to the owner about it; for admins of its white-label."""
        return self._move(Move.ANSWER, by=by, words=text)

    def verify(self) -> DomainEvent:
        """Show that the records are looked for."""
        return self._move(Move.VERIFY)

    def activate(self, *, by: models.Model | None) -> DomainEvent:
        """Let mail leave from it: once DNS showed every record, or by a platform owner's decision whatever DNS says."""
        if by is None:
            self._only_proven()
        now = timezone.now()
        proven = {"proven_at": self.proven_at or now} if self.proven else {}
        return self._go_live(Move.ACTIVATE, by=by, activated_at=now, **proven)

    def degrade(self) -> DomainEvent:
        """Note that records are gone that had been seen: mail still leaves from it while somebody puts them back."""
        seen = models.Q(proven_at__isnull=False)
        values: dict[str, Any] = {"degraded_at": timezone.now(), "warned_hours": 0}
        return self._move(Move.DEGRADE, words=self.lost_in_words, condition=seen, **values)

    def warn(self, hours: int) -> DomainEvent:
        """Warn once that the records have been gone for `hours`."""
        condition = models.Q(warned_hours__lt=hours)
        return self._move(Move.WARN, words=self.gone_in_words, condition=condition, warned_hours=hours)

    def note_silence(self, since: datetime) -> DomainEvent:
        """Note that DNS has not answered for long, which counts against nobody."""
        about = ", ".join(map(str, self.unanswered))
        words = f"since {since:%-d %B %Y, %H:%M} UTC, about {about}"
        return self._move(Move.SILENCE, words=words, condition=models.Q(moved_at=self.moved_at))

    def recover(self) -> DomainEvent:
        """Note that all that was lost is back; what an owner suspended stays so."""
        if not self.holds:
            self._only_proven()
        values: dict[str, Any] = {"degraded_at": None, "warned_hours": 0}
        return self._go_live(Move.RECOVER, by=None, condition=models.Q(suspension=""), **values)

    def suspend(self, reason: str, *, by: models.Model) -> DomainEvent:
        """Stop sending from it at once; for platform owners."""
        return self._move(Move.SUSPEND, by=by, words=reason, suspension=reason)

    def suspend_for_missing_records(self) -> DomainEvent:
        """Stop sending from it when the grace is over."""
        degraded = models.Q(state=transitions.State.DEGRADED)
        return self._move(Move.SUSPEND, words=self.gone_in_words, condition=degraded, suspension="")

    def resume(self, *, by: models.Model) -> DomainEvent:
        """Lift a suspension: active again where DNS shows every record, else once it does; for platform owners."""
        values: dict[str, Any] = {"suspension": "", "degraded_at": None, "warned_hours": 0}
        if self.proven and not self.live_elsewhere:
            return self._go_live(Move.RESUME, by=by, to=transitions.State.ACTIVE, **values)
        return self._move(Move.RESUME, by=by, **values)

    def expire(self, why: str) -> DomainEvent:
        """End a request that nobody went on with."""
        return self._move(Move.EXPIRE, words=why, condition=models.Q(moved_at=self.moved_at))

    def reopen(self, *, by: models.Model) -> DomainEvent:
        """Take up a request that was refused or had expired; for platform owners."""
        try:
            with transaction.atomic():
                return self._move(Move.REOPEN, by=by, refusal="")
        except IntegrityError as error:
            raise MoveRefused(self._asked_for) from error

    def note_proof(self) -> None:
        """Remember when DNS showed every record for the first time."""
        SendingDomain.objects.filter(pk=self.pk, proven_at=None).update(proven_at=timezone.now())

    def _only_proven(self) -> None:
        if not self.proven:
            raise MoveRefused(f"DNS has not shown every record of {self.domain}.")

    def _go_live(self, move: Move, *, by: models.Model | None, **how: Any) -> DomainEvent:
        """Make a move after which mail leaves from it; the first white-label to get there keeps the domain."""
        if self.live_elsewhere:
            raise MoveRefused(self._taken)
        try:
            with transaction.atomic():
                return self._move(move, by=by, **how)
        except IntegrityError as error:
            raise MoveRefused(self._taken) from error

    def _move(
        self,
        move: Move,
        *,
        by: models.Model | None = None,
        words: str = "",
        to: str | None = None,
        condition: models.Q | None = None,
        **values: Any,
    ) -> DomainEvent:
        """Make the move while the state and `condition` allow it, whoever else is at it, and note it.

        `by` is None where the product makes it; `to` replaces the rule's target; `values` are columns to write.
        """
        rule = transitions.RULES[move]
        side = self._side_of(by, rule)
        with transaction.atomic():
            before, now = self._state_for(rule, condition or models.Q()), timezone.now()
            values |= {"state": to or rule.target or before, "moved_at": now, "next_check_at": now}
            SendingDomain.objects.filter(pk=self.pk).update(**values)
            for name, value in values.items():
                setattr(self, name, value)
            return self._note(move, side, by, before, words)

    def _state_for(self, rule: Rule, condition: models.Q) -> str:
        """Return the state that the move starts from, the row locked; raises `MoveRefused` where it may not."""
        rows = SendingDomain.objects.select_for_update().filter(condition, pk=self.pk, state__in=rule.sources)
        before = rows.order_by().values_list("state", flat=True).first()
        if before is None:
            self.refresh_from_db()
            raise MoveRefused(f"This is not possible any more: {self.domain} is “{self.get_state_display()}”.")
        return before

    def _side_of(self, person: models.Model | None, rule: Rule) -> Side:
        """Return as whom `person` may make a move; raises `PermissionDenied`."""
        for side in rule.by:
            if self._is(person, side):
                return side
        raise PermissionDenied

    def _is(self, person: models.Model | None, side: Side) -> bool:
        if person is None or side == Side.PRODUCT:
            return person is None and side == Side.PRODUCT
        if side == Side.WHITE_LABEL:
            return self.white_label.is_admin(person)
        return may(person, Right.ACT_FOR_PLATFORM)

    def _note(self, move: Move, side: Side, person: models.Model | None, before: str, words: str) -> DomainEvent:
        return self.events.create(
            move=move,
            side=side,
            from_state=before,
            to_state=self.state,
            person_id=person.pk if person else None,
            who=str(person) if person else "",
            words=words,
        )

    @property
    def _taken(self) -> str:
        return f"{self.domain} is already active for another white-label; the first to prove it keeps it."

    @property
    def _asked_for(self) -> str:
        return f"{self.white_label} already has a request for {self.domain}, or sends from it."
