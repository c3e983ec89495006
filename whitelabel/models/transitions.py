"""The moves in the life of a sending domain: who may make each, from which states, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models


class MoveRefused(ValidationError):
    """The move may not be made: by its state, by what DNS shows, or because another white-label was first."""


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


class Side(models.TextChoices):
    WHITE_LABEL = "WHITE_LABEL", "The white-label"
    OWNER = "OWNER", "The platform"
    PRODUCT = "PRODUCT", "By itself"


class Move(models.TextChoices):
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


@dataclass(frozen=True)
class Rule:
    """`by` may make the move while the state is one of `sources`; without a `target` the state stays."""

    by: Sequence[Side]
    sources: Sequence[State]
    target: State | None = None


_WHITE_LABEL, _OWNER, _PRODUCT = (Side.WHITE_LABEL,), (Side.OWNER,), (Side.PRODUCT,)

RULES: dict[Move, Rule] = {
    Move.REQUEST: Rule(_WHITE_LABEL, (), State.REQUESTED),
    Move.WITHDRAW: Rule(_WHITE_LABEL, IN_USE, State.WITHDRAWN),
    Move.APPROVE: Rule(_OWNER, (State.REQUESTED,), State.APPROVED),
    Move.CHANGE_RECORDS: Rule(_OWNER, (*WAITING_FOR_DNS, *LIVE, State.SUSPENDED)),
    Move.REFUSE: Rule(_OWNER, OPEN, State.REFUSED),
    Move.ASK: Rule(_OWNER, IN_USE),
    Move.ANSWER: Rule(_WHITE_LABEL, IN_USE),
    Move.VERIFY: Rule(_PRODUCT, (State.APPROVED,), State.VERIFYING),
    Move.ACTIVATE: Rule((*_OWNER, *_PRODUCT), WAITING_FOR_DNS, State.ACTIVE),
    Move.DEGRADE: Rule(_PRODUCT, (State.ACTIVE,), State.DEGRADED),
    Move.WARN: Rule(_PRODUCT, (State.DEGRADED,)),
    Move.SILENCE: Rule(_PRODUCT, LIVE),
    Move.RECOVER: Rule(_PRODUCT, (State.DEGRADED, State.SUSPENDED), State.ACTIVE),
    Move.SUSPEND: Rule((*_OWNER, *_PRODUCT), LIVE, State.SUSPENDED),
    Move.RESUME: Rule(_OWNER, (State.SUSPENDED,), State.VERIFYING),  # ACTIVE where DNS shows every record
    Move.EXPIRE: Rule(_PRODUCT, OPEN, State.EXPIRED),
    Move.REOPEN: Rule(_OWNER, (State.REFUSED, State.EXPIRED), State.REQUESTED),
}
