"""Where an e-mail stands, as the word that the SDKs have for it."""

from collections.abc import Sequence
from typing import Literal

from delivery.models import Delivery, Email
from delivery.schedule import is_scheduled

LastEvent = Literal["delivery_delayed", "queued", "scheduled", "failed", "suppressed", "canceled", "sent"]
Status = Delivery.Status

WORST_FIRST: Sequence[LastEvent] = (  # what is not final first
    *("delivery_delayed", "queued", "scheduled"),
    *("failed", "suppressed", "canceled", "sent"),
)
EVENTS: dict[str, LastEvent] = {
    Status.QUEUED: "queued",
    Status.SENDING: "queued",
    Status.HELD: "queued",
    Status.DEFERRED: "delivery_delayed",
    Status.UNCERTAIN: "delivery_delayed",
    Status.SENT: "sent",
    Status.TEST: "sent",
    Status.FAILED: "failed",
    Status.EXPIRED: "failed",
    Status.CANCELLED: "canceled",
}


def last_event(email: Email, deliveries: Sequence[Delivery]) -> LastEvent:
    """Return the worst of what became of the recipients that is not final, else the worst."""
    events = {_event(email, delivery) for delivery in deliveries}
    return next((event for event in WORST_FIRST if event in events), "queued")


def _event(email: Email, delivery: Delivery) -> LastEvent:
    if delivery.is_suppressed:
        return "suppressed"
    if delivery.status in (Status.QUEUED, Status.TEST) and is_scheduled(email):
        return "scheduled"
    return EVENTS[delivery.status]
