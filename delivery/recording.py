"""Write down what a try came to: the attempt and the delivery's next status, in one short transaction."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from delivery import fast_path, retries
from delivery.models import Attempt, Delivery, Suppression
from delivery.rendering import reply_to
from delivery.retention import forget_content_of
from smtp_settings.choices import Outcome, Phase
from smtp_settings.models.server import DEFAULT_KEY
from smtp_settings.submission import SubmissionResult
from whitelabel.routing import Route

NO_SUCH_ADDRESS = "5.1."


@dataclass(frozen=True)
class Tried:
    """One try: what was to be delivered, by which route, and what came of it."""

    delivery: Delivery
    route: Route
    result: SubmissionResult

    def columns(self) -> dict[str, Any]:
        """Return the attempt as columns, all but the delivery and the time."""
        route, result = self.route, self.result
        return {
            "milliseconds": result.milliseconds,
            "rule": route.rule,
            "server_id": None if route.server.key == DEFAULT_KEY else route.server.pk,
            "server_name": str(route.server),
            "sender": str(route.sender),
            "reply_to": reply_to(self.delivery.email, route),
            "reasons": list(route.reasons),
            "outcome": result.outcome.value,
            "phase": result.phase.value,
            "reply_code": result.code,
            "enhanced_code": result.enhanced,
            "reply_text": result.text,
            "peer_address": result.peer_address,
            "tls": result.tls,
            "possible_duplicate": self.delivery.possible_duplicate,
        }


class Recorder:
    """Keeps an accepted mail back until the next final dot is announced: one transaction then writes both.

    A worker that dies in between leaves that one mail uncertain; so at most one per connection is ever in doubt.
    """

    def __init__(self) -> None:
        self._pending: Tried | None = None

    def announce(self, delivery: Delivery) -> bool:
        """Commit that the final dot of `delivery` is next, and what is pending; tell whether the lease still holds."""
        pending, self._pending = self._pending, None
        if pending is None:
            return delivery.announce_final_dot()
        columns = pending.columns()
        columns["reasons"] = json.dumps(columns["reasons"])
        return fast_path.record_sent_and_announce(sentence(pending.result), columns, pending.delivery, delivery)

    def record(self, tried: Tried) -> None:
        """Record `tried`; an accepted mail may wait for the next announcement."""
        self.flush()
        if tried.result.accepted and tried.delivery.priority != Delivery.Priority.URGENT:
            self._pending = tried
        else:
            record(tried)

    def flush(self) -> None:
        """Write what is pending."""
        pending, self._pending = self._pending, None
        if pending is not None:
            record(pending)


def record(tried: Tried) -> bool:
    """Move the delivery and append the attempt, only while the lease still holds; tell whether it did."""
    columns = tried.columns()  # as things were when it was tried
    with transaction.atomic():
        if not _move(tried.delivery, tried.result):
            return False
        Attempt.objects.create(delivery=tried.delivery, **columns)
        if tried.result.accepted and tried.delivery.priority == Delivery.Priority.URGENT:
            forget_content_of(tried.delivery.email)
        if _is_unknown_address(tried.result):
            _suppress(tried.delivery, sentence(tried.result))
    return True


def _move(delivery: Delivery, result: SubmissionResult) -> bool:
    why = sentence(result)
    match result.outcome:
        case Outcome.SENT:
            return delivery.mark_sent(why)
        case Outcome.PERMANENT:
            return delivery.fail(why)
        case Outcome.UNCERTAIN:
            return delivery.mark_uncertain(why)
        case Outcome.REVOKED:
            return delivery.give_back()
    counts = result.outcome == Outcome.TRANSIENT
    again = retries.next_try(delivery, counts=counts)
    if again is None:
        return delivery.expire(f"Given up. {why}")
    return delivery.defer(why, until=again, counts=counts)


def _is_unknown_address(result: SubmissionResult) -> bool:
    """Tell whether the server said for good that there is no such address (RFC 3463 3.2)."""
    at_rcpt = result.outcome == Outcome.PERMANENT and result.phase == Phase.RCPT
    return at_rcpt and result.enhanced.startswith(NO_SUCH_ADDRESS)


def _suppress(delivery: Delivery, why: str) -> None:
    Suppression.objects.get_or_create(
        white_label_id=delivery.email.white_label_id, address=delivery.recipient.lower(), defaults={"why": why}
    )


def sentence(result: SubmissionResult) -> str:
    """Say in one sentence what the server answered, and where."""
    reply = " ".join(str(part) for part in (result.code, result.text) if part)
    match result.outcome:
        case Outcome.SENT:
            return f"Accepted by the server: {reply}"
        case Outcome.PERMANENT:
            return f"Refused ({result.phase.label.lower()}): {reply}"
        case Outcome.TRANSIENT:
            return f"Put off by the server ({result.phase.label.lower()}): {reply}"
        case Outcome.SERVER:
            return f"The server is not available ({result.phase.label.lower()}): {reply}"
    return reply
