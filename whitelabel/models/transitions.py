"""The transitions in the life of a sending domain: who may make each, from which states, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models

from people.roles import Right


class TransitionNotAllowed(ValidationError):
    """The transition may not be made: by its state, by what DNS shows, or because another white-label was first."""


class State(models.TextChoices):
    REQUESTED = "REQUESTED", "Requested"
    APPROVED = "APPROVED", "Approved, publish the records"
    VERIFYING = "VERIFYING", "Waiting for DNS"
    ACTIVE = "ACTIVE", "Active"
    DEGRADED = "DEGRADED", "Records missing, still sending"
    REFUSED = "REFUSED", "Refused"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
    EXPIRED = "EXPIRED", "Expired"
    SUSPENDED = "SUSPENDED", "Suspended"


class Actor(models.TextChoices):
    WHITE_LABEL = "WHITE_LABEL", "The white-label"
    OWNER = "OWNER", "The platform"
    PRODUCT = "PRODUCT", "By itself"


class Transition(models.TextChoices):
    """The labels are what the history calls them."""

    REQUEST = "REQUEST", "Requested"
    WITHDRAW = "WITHDRAW", "Withdrawn"
    APPROVE = "APPROVE", "Approved, records sent"
    CHANGE_RECORDS = "CHANGE_RECORDS", "Records changed"
    REFUSE = "REFUSE", "Refused"
    ASK = "ASK", "Message from the platform"
    ANSWER = "ANSWER", "Message from the white-label"
    VERIFY = "VERIFY", "Looking for the records"
    ACTIVATE = "ACTIVATE", "Active"
    DEGRADE = "DEGRADE", "Records gone"
    WARN = "WARN", "Warned"
    SILENCE = "SILENCE", "DNS does not answer"
    HOLD = "HOLD", "Held back: active elsewhere"
    RECOVER = "RECOVER", "Records are back"
    SUSPEND = "SUSPEND", "Suspended"
    RESUME = "RESUME", "Suspension lifted"
    EXPIRE = "EXPIRE", "Expired"
    REOPEN = "REOPEN", "Opened again"


OPEN: Sequence[State] = (State.REQUESTED, State.APPROVED, State.VERIFYING)
WAITING_FOR_DNS: Sequence[State] = (State.APPROVED, State.VERIFYING)
LIVE: Sequence[State] = (State.ACTIVE, State.DEGRADED)
FOR_RECORDS: Sequence[State] = (*WAITING_FOR_DNS, State.DEGRADED)
IN_USE: Sequence[State] = (*OPEN, *LIVE, State.SUSPENDED)

BEGINS_TO_WAIT: Sequence[Transition] = (
    Transition.APPROVE,
    Transition.CHANGE_RECORDS,
    Transition.SUSPEND,
    Transition.RESUME,
)


@dataclass(frozen=True)
class Rule:
    """`actors` may make the transition while the state is one of `sources`; without a `target` the state stays.

    A person needs `right` for it; without one, the right of the side that they are on.
    """

    actors: Sequence[Actor]
    sources: Sequence[State]
    target: State | None = None
    right: Right | None = None

    def right_as(self, actor: Actor) -> Right:
        """Return what a person needs to make it as `actor`."""
        return self.right or SIDES[actor]


SIDES = {Actor.WHITE_LABEL: Right.REQUEST_DOMAINS, Actor.OWNER: Right.DECIDE_DOMAINS}
_WHITE_LABEL, _OWNER, _PRODUCT = (Actor.WHITE_LABEL,), (Actor.OWNER,), (Actor.PRODUCT,)

RULES: dict[Transition, Rule] = {
    Transition.REQUEST: Rule(_WHITE_LABEL, (), State.REQUESTED),
    Transition.WITHDRAW: Rule(_WHITE_LABEL, IN_USE, State.WITHDRAWN),
    Transition.APPROVE: Rule(_OWNER, (State.REQUESTED,), State.APPROVED),
    Transition.CHANGE_RECORDS: Rule(_OWNER, (*WAITING_FOR_DNS, *LIVE, State.SUSPENDED)),
    Transition.REFUSE: Rule(_OWNER, OPEN, State.REFUSED),
    Transition.ASK: Rule(_OWNER, IN_USE, right=Right.WRITE_MESSAGES),
    Transition.ANSWER: Rule(_WHITE_LABEL, IN_USE, right=Right.WRITE_MESSAGES),
    Transition.VERIFY: Rule(_PRODUCT, (State.APPROVED,), State.VERIFYING),
    Transition.ACTIVATE: Rule((*_OWNER, *_PRODUCT), WAITING_FOR_DNS, State.ACTIVE),
    Transition.DEGRADE: Rule(_PRODUCT, (State.ACTIVE,), State.DEGRADED),
    Transition.WARN: Rule(_PRODUCT, (State.DEGRADED,)),
    Transition.SILENCE: Rule(_PRODUCT, LIVE),
    Transition.HOLD: Rule(_PRODUCT, (*WAITING_FOR_DNS, State.SUSPENDED)),
    Transition.RECOVER: Rule(_PRODUCT, (State.DEGRADED, State.SUSPENDED), State.ACTIVE),
    Transition.SUSPEND: Rule((*_OWNER, *_PRODUCT), LIVE, State.SUSPENDED),
    Transition.RESUME: Rule(_OWNER, (State.SUSPENDED,), State.VERIFYING),  # ACTIVE where DNS shows every record
    Transition.EXPIRE: Rule(_PRODUCT, OPEN, State.EXPIRED),
    Transition.REOPEN: Rule(_OWNER, (State.REFUSED, State.EXPIRED), State.REQUESTED),
}
