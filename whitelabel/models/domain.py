"""A sending domain: the request of a white-label, what the owner answered, and where that stands."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from messages.models import Thread
from people.roles import may
from tables.fields import ChoiceField
from whitelabel.dns.record import Record
from whitelabel.models import transitions
from whitelabel.models.domain_queryset import SendingDomainQuerySet
from whitelabel.models.event import DomainEvent
from whitelabel.models.publishing import Publishing
from whitelabel.models.record import listed
from whitelabel.models.transitions import Actor, Rule, Transition, TransitionNotAllowed
from whitelabel.models.white_label import WhiteLabel


class SendingDomain(Publishing):
    """A state machine: `transitions.RULES` says who may make which transition from which states.

    Each transition is a method. It returns what it added to the history, and raises `PermissionDenied` or
    `TransitionNotAllowed`; `lifecycle.perform` makes it and notifies both sides.
    """

    State = transitions.State
    WAITING_FOR_DNS: Sequence[str] = transitions.WAITING_FOR_DNS
    LIVE: Sequence[str] = transitions.LIVE
    IN_USE: Sequence[str] = transitions.IN_USE
    CHECKED: Sequence[str] = transitions.IN_USE
    GRACE_HOURS = 72  # how long mail still leaves from a domain whose records are missing

    white_label = models.ForeignKey(
        WhiteLabel, verbose_name="white-label", on_delete=models.CASCADE, related_name="sending_domains"
    )
    state = ChoiceField(max_length=10, choices=transitions.State.choices, default=transitions.State.REQUESTED)
    note = models.TextField(max_length=2000, blank=True, help_text="Anything the platform should know.")
    refusal = models.TextField(max_length=2000, blank=True)
    suspension = models.TextField(max_length=2000, blank=True, help_text="Why the owner did it; empty: by itself.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="domain_requests"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    last_transition_at = models.DateTimeField(default=timezone.now, help_text="When the last transition was made.")
    answered_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(
        "proven at", null=True, blank=True, help_text="When DNS first showed every record."
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    refused_as_sender_at = models.DateTimeField(
        null=True, blank=True, help_text="When its people were last told that the SMTP server takes no mail from it."
    )
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
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_unproven(self) -> bool:
        """Return whether mail leaves from it while DNS does not show every record that proves it."""
        return self.is_live and not self.verified

    @property
    def state_text(self) -> str:
        """The state in words; one that is active without its records never reads as if it were proven."""
        if self.state != transitions.State.ACTIVE or self.verified:
            return self.get_state_display()
        unclear = self.verified_at and self.unresolved and not self.missing
        return "Active, DNS unclear" if unclear else "Active, not in DNS"

    @property
    def is_over(self) -> bool:
        """Return whether nothing more comes of it by itself."""
        return self.state not in self.IN_USE

    @property
    def waits_for_dns(self) -> bool:
        return self.state in self.WAITING_FOR_DNS

    @property
    def grace_ends_at(self) -> datetime | None:
        """When the domain is suspended unless its records come back; None while none of them is missing."""
        return self.degraded_at + timedelta(hours=self.GRACE_HOURS) if self.degraded_at and self.missing else None

    @property
    def live_elsewhere(self) -> bool:
        """Return whether another white-label already sends from this domain."""
        return SendingDomain.objects.live().filter(domain=self.domain).exclude(pk=self.pk).exists()

    def note_refused_as_sender(self) -> bool:
        """Note that the SMTP server takes no mail from it; return whether nobody was told of that within a day."""
        now = timezone.now()
        told_long_ago = models.Q(refused_as_sender_at=None) | models.Q(refused_as_sender_at__lt=now - timedelta(days=1))
        return SendingDomain.objects.filter(told_long_ago, pk=self.pk).update(refused_as_sender_at=now) == 1

    def request(self, *, by: models.Model) -> DomainEvent:
        """Store the request with the record that proves ownership; for admins of its white-label."""
        actor = self._actor_for(by, transitions.RULES[Transition.REQUEST])
        self.requested_by_id = by.pk
        with _not_allowed_twice(self._asked_for):
            self.save()
        self.set_records([])
        return self._note(Transition.REQUEST, actor, by, "", self.note)

    def withdraw(self, *, by: models.Model) -> DomainEvent:
        """Take the request back, or stop using the domain; for admins of its white-label."""
        return self._transition(Transition.WITHDRAW, by=by)

    def approve(self, records: Iterable[Record], *, by: models.Model) -> DomainEvent:
        """Accept the request and store the records to publish; for platform owners."""
        return self._publish(records, Transition.APPROVE, by)

    def change_records(self, records: Iterable[Record], *, by: models.Model) -> DomainEvent:
        """Replace the records to publish; those that stay keep their status. For platform owners."""
        return self._publish(records, Transition.CHANGE_RECORDS, by)

    def refuse(self, reason: str, *, by: models.Model) -> DomainEvent:
        """Say no, and why; for platform owners."""
        return self._transition(Transition.REFUSE, by=by, words=reason, refusal=reason, answered_at=timezone.now())

    def ask(self, question: str, *, by: models.Model) -> DomainEvent:
        """Ask the white-label something, whose answer is waited for; for the platform's people."""
        return self._transition(Transition.ASK, by=by, words=question)

    def answer(self, text: str, *, by: models.Model) -> DomainEvent:
        """Write to the owner about it; for admins of its white-label."""
        return self._transition(Transition.ANSWER, by=by, words=text)

    def verify(self) -> DomainEvent:
        """Note that DNS is checked for the records now."""
        return self._transition(Transition.VERIFY)

    def activate(self, *, by: models.Model | None) -> DomainEvent:
        """Let mail leave from it: once DNS showed every record, or by a platform owner's decision whatever DNS says."""
        if by is None:
            self._require_verified()
        now = timezone.now()
        verified = {"verified_at": self.verified_at or now} if self.verified else {}
        return self._go_live(Transition.ACTIVATE, by=by, activated_at=now, **verified)

    def degrade(self) -> DomainEvent:
        """Note that records that DNS once showed are missing; mail still leaves from it while they are put back."""
        words, once, now = listed(self.regressed), models.Q(verified_at__isnull=False), timezone.now()
        return self._transition(Transition.DEGRADE, words=words, condition=once, degraded_at=now, warned_hours=0)

    def warn(self, hours: int) -> DomainEvent:
        """Warn once that the records have been missing for `hours`."""
        condition = models.Q(warned_hours__lt=hours)
        return self._transition(Transition.WARN, words=listed(self.missing), condition=condition, warned_hours=hours)

    def note_silence(self, since: datetime) -> DomainEvent:
        """Note that DNS has not answered for long, which counts against nobody."""
        about = ", ".join(map(str, self.unresolved))
        words = f"since {since:%-d %B %Y, %H:%M} UTC, about {about}"
        return self._transition(Transition.SILENCE, words=words, condition=self._untouched)

    @property
    def is_held(self) -> bool:
        """Return whether it was noted that another white-label has the domain, since it has waited for DNS."""
        told = self.events.filter(transition__in=(Transition.HOLD, *transitions.BEGINS_TO_WAIT)).first()
        return told is not None and told.transition == Transition.HOLD

    def hold(self) -> DomainEvent:
        """Note that DNS shows every record, and that it is active for another white-label."""
        self._require_verified()
        return self._transition(Transition.HOLD)

    def recover(self) -> DomainEvent:
        """Note that all that had been published is back; what an owner suspended stays so."""
        if not self.still_published:
            self._require_verified()
        by_itself = models.Q(suspension="")
        return self._go_live(Transition.RECOVER, by=None, condition=by_itself, degraded_at=None, warned_hours=0)

    def suspend(self, reason: str, *, by: models.Model) -> DomainEvent:
        """Stop sending from it at once; for platform owners."""
        return self._transition(Transition.SUSPEND, by=by, words=reason, suspension=reason)

    def suspend_for_missing_records(self) -> DomainEvent:
        """Stop sending from it when the grace is over."""
        degraded = models.Q(state=transitions.State.DEGRADED)
        return self._transition(Transition.SUSPEND, words=listed(self.missing), condition=degraded, suspension="")

    def resume(self, *, by: models.Model) -> DomainEvent:
        """Lift a suspension: active again where DNS shows every record, else once it does; for platform owners."""
        values: dict[str, Any] = {"suspension": "", "degraded_at": None, "warned_hours": 0}
        if self.verified and not self.live_elsewhere:
            return self._go_live(Transition.RESUME, by=by, to=transitions.State.ACTIVE, **values)
        return self._transition(Transition.RESUME, by=by, **values)

    def expire(self, why: str) -> DomainEvent:
        """End a request that nobody went on with."""
        return self._transition(Transition.EXPIRE, words=why, condition=self._untouched)

    def reopen(self, *, by: models.Model) -> DomainEvent:
        """Take up a request that was refused or had expired; for platform owners."""
        with _not_allowed_twice(self._asked_for):
            return self._transition(Transition.REOPEN, by=by, refusal="")

    def note_verification(self) -> None:
        """Remember when DNS showed every record for the first time."""
        SendingDomain.objects.filter(pk=self.pk, verified_at=None).update(verified_at=timezone.now())

    def _publish(self, records: Iterable[Record], transition: Transition, by: models.Model) -> DomainEvent:
        """Make a transition that brings the records to publish. Raises `ValidationError` where there are none."""
        with transaction.atomic():
            event = self._transition(transition, by=by, answered_at=timezone.now())
            self.replace_records(records)
        return event

    def _require_verified(self) -> None:
        if not self.verified:
            raise TransitionNotAllowed(f"DNS has not shown every record of {self.domain}.")

    def _go_live(self, transition: Transition, *, by: models.Model | None, **how: Any) -> DomainEvent:
        """Make a transition after which mail leaves from it; the first white-label to get there keeps the domain."""
        if self.live_elsewhere:
            raise TransitionNotAllowed(self._taken)
        with _not_allowed_twice(self._taken):
            return self._transition(transition, by=by, **how)

    def _transition(
        self,
        transition: Transition,
        *,
        by: models.Model | None = None,
        words: str = "",
        to: str | None = None,
        condition: models.Q | None = None,
        **values: Any,
    ) -> DomainEvent:
        """Make the transition while the state and `condition` allow it, whoever else is at it, and note it.

        `by` is None where the product makes it; `to` replaces the rule's target; `values` are columns to write.
        """
        rule = transitions.RULES[transition]
        actor = self._actor_for(by, rule)
        with transaction.atomic():
            before, now = self._state_for(rule, condition or models.Q()), timezone.now()
            values |= {"state": to or rule.target or before, "last_transition_at": now, "next_check_at": now}
            SendingDomain.objects.filter(pk=self.pk).update(**values)
            for name, value in values.items():
                setattr(self, name, value)
            return self._note(transition, actor, by, before, words)

    def _state_for(self, rule: Rule, condition: models.Q) -> str:
        """Return the state that the transition starts from, the row locked; raises `TransitionNotAllowed`."""
        rows = SendingDomain.objects.select_for_update().filter(condition, pk=self.pk, state__in=rule.sources)
        before = rows.order_by().values_list("state", flat=True).first()
        if before is None:
            self.refresh_from_db()
            raise TransitionNotAllowed(f"This is not possible any more: {self.domain} is “{self.get_state_display()}”.")
        return before

    def _actor_for(self, person: models.Model | None, rule: Rule) -> Actor:
        """Return as whom `person` may make a transition; raises `PermissionDenied`."""
        for actor in rule.actors:
            if self._may_act_as(actor, person, rule):
                return actor
        raise PermissionDenied

    def _may_act_as(self, actor: Actor, person: models.Model | None, rule: Rule) -> bool:
        if person is None or actor == Actor.PRODUCT:
            return person is None and actor == Actor.PRODUCT
        return may(person, rule.right_as(actor), at=self.white_label if actor == Actor.WHITE_LABEL else None)

    def _note(
        self, transition: Transition, actor: Actor, person: models.Model | None, before: str, words: str
    ) -> DomainEvent:
        return self.events.create(
            transition=transition,
            actor=actor,
            from_state=before,
            to_state=self.state,
            person_id=person.pk if person else None,
            who=str(person) if person else "",
            words=words,
        )

    @property
    def _untouched(self) -> models.Q:
        """Nothing has happened since this row was loaded."""
        return models.Q(last_transition_at=self.last_transition_at)

    @property
    def _taken(self) -> str:
        return f"{self.domain} is already active for another white-label; the first to prove it keeps it."

    @property
    def _asked_for(self) -> str:
        return f"{self.white_label} already has a request for {self.domain}, or sends from it."


@contextmanager
def _not_allowed_twice(sentence: str) -> Iterator[None]:
    """Refuse with `sentence` what a unique constraint forbids: somebody else was first."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise TransitionNotAllowed(sentence) from error
