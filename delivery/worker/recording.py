"""Record what an attempt came to: the attempt and the next status of its delivery, in one short transaction."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from delivery.message.rendering import reply_to
from delivery.models import Attempt, Delivery, Suppression
from delivery.outbox import record_sql, retry_schedule
from delivery.outbox.leased import LeasedDelivery
from delivery.outbox.record_sql import Accepted
from delivery.outbox.retention import forget_content_of
from smtp_settings.choices import Fault, Outcome, Phase
from smtp_settings.models.server import DEFAULT_KEY
from smtp_settings.transport.failures import OUT_OF_STEP
from smtp_settings.transport.submission import SubmissionResult
from whitelabel.routing import Route

OF_THE_MAIL = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.FINAL_DOT)
REFUSALS_FOR_ITSELF = 3  # in a row, before that are not the server's any more
REFUSED = {Fault.SIGN_IN: "the sign-in", Fault.SENDER: "the sender", Fault.CLIENT: "mail from this client"}


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """One attempt: what was to be delivered, by which route, and what came of it."""

    delivery: LeasedDelivery
    route: Route
    result: SubmissionResult

    @property
    def accepted(self) -> Accepted:
        return Accepted(self.delivery, describe(self.result), self.columns())

    def columns(self) -> dict[str, Any]:
        """Return the attempt as columns, all but the delivery and the time."""
        route, result = self.route, self.result
        return {
            "milliseconds": result.milliseconds,
            "rule": route.rule,
            "server_id": None if route.server.key == DEFAULT_KEY else route.server.pk,
            "server_name": str(route.server),
            "sender": str(route.sender),
            "reply_to": reply_to(self.delivery, route),
            "reasons": route.reasons,
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
    """Records what was tried under one lease.

    What was accepted waits until the next final dots are announced: one transaction writes both. A worker that dies in
    between leaves what waited uncertain; that is at most one delivery for each connection.
    """

    def __init__(self, lease: UUID) -> None:
        self._lease = lease
        self._accepted: list[Accepted] = []
        self.waits_since = 0.0  # of the monotonic clock; 0 while nothing waits

    def announce(self, deliveries: Sequence[LeasedDelivery]) -> set[int]:
        """Commit that the final dots of `deliveries` are next, and what waits; return whose lease still holds."""
        held = record_sql.commit(self._lease, self._accepted, deliveries)
        self._accepted, self.waits_since = [], 0.0  # only now: what could not be written is written with the next try
        return held

    def record(self, attempt: AttemptResult) -> None:
        """Record `attempt`; an accepted delivery may wait for the next announcement, an urgent one does not."""
        if not attempt.result.accepted:
            _record_failure(attempt)
        elif attempt.delivery.priority != Delivery.Priority.URGENT:
            self._accepted.append(attempt.accepted)
            self.waits_since = self.waits_since or time.monotonic()
        else:
            with transaction.atomic():
                record_sql.commit(self._lease, [attempt.accepted], [])
                forget_content_of(attempt.delivery.email_id)

    def flush(self) -> None:
        """Write what waits."""
        if self._accepted:
            self.announce([])


def _record_failure(attempt: AttemptResult) -> None:
    """Change the status of the delivery and append the attempt, only while the lease still holds."""
    delivery, result = attempt.delivery.row, attempt.result
    with transaction.atomic():
        if not _change_status(delivery, result):
            return
        Attempt.objects.create(delivery=delivery, **attempt.columns())
        if result.fault == Fault.NO_SUCH_RECIPIENT:
            Suppression.objects.get_or_create(
                white_label_id=delivery.email.white_label_id,
                address=delivery.recipient.lower(),
                defaults={"reason": describe(result)},
            )


def _change_status(delivery: Delivery, result: SubmissionResult) -> bool:
    reason = describe(result)
    match result.outcome:
        case Outcome.PERMANENT:
            return delivery.fail(reason)
        case Outcome.UNCERTAIN:
            return delivery.mark_uncertain(reason)
        case Outcome.ABORTED:
            return delivery.give_back()
    counts = result.outcome == Outcome.TRANSIENT or _is_refused_for_itself(delivery, result)
    if counts:
        again = retry_schedule.next_try(delivery, counts=True)
    elif result.fault and result.fault.is_limit:
        again = retry_schedule.next_try_after_limit(delivery)
    elif result.fault and result.fault.is_configuration:
        if _is_about_this_mail(delivery, result):
            return delivery.fail(reason)
        again = retry_schedule.next_try_with_other_settings(delivery)
    else:
        again = retry_schedule.next_try(delivery, counts=False)
    if again is None:
        return delivery.expire(f"Given up. {reason}")
    return delivery.defer(reason, until=again, counts=counts, may_have_arrived=result.may_have_arrived)


def _is_about_this_mail(delivery: Delivery, result: SubmissionResult) -> bool:
    """Return whether what sounds like our settings is about this mail: refused again for good, and others were taken.

    Only what is said once the recipient is known can be.
    """
    last = delivery.attempts.last()
    if last is None or last.phase != result.phase or result.phase == Phase.MAIL or (result.code or 0) // 100 != 5:
        return False
    others = Attempt.objects.filter(server=last.server_id, pk__gt=last.pk, outcome=Outcome.SENT)
    return last.fault is not None and last.fault.is_configuration and others.exists()


def _is_refused_for_itself(delivery: Delivery, result: SubmissionResult) -> bool:
    """Return whether what sounds like the server's own trouble must be that of this mail, so that its tries count.

    It has been refused at the same step again and again, and others were taken since.
    """
    if result.code is None or result.phase not in OF_THE_MAIL or (result.fault and result.fault.is_configuration):
        return False
    earlier = list(delivery.attempts.order_by("-id")[:REFUSALS_FOR_ITSELF])
    if len(earlier) < REFUSALS_FOR_ITSELF or any(attempt.phase != result.phase for attempt in earlier):
        return False
    others = Attempt.objects.filter(server=earlier[0].server_id, pk__gt=earlier[0].pk, outcome=Outcome.SENT)
    return others.exists()


def describe(result: SubmissionResult) -> str:
    """Say in one sentence what the server answered, and where."""
    reply = " ".join(str(part) for part in (result.code, result.text) if part)
    match result.outcome:
        case Outcome.SERVER_UNAVAILABLE if result.fault in REFUSED:
            return f"The server refuses {REFUSED[result.fault]} ({result.phase.label.lower()}): {reply}"
        case Outcome.SERVER_UNAVAILABLE if result.fault and result.fault.is_limit:
            return f"The server takes no more for now ({result.phase.label.lower()}): {reply}"
        case Outcome.SERVER_UNAVAILABLE if result.kind == OUT_OF_STEP:
            return f"The server lost track of the conversation ({result.phase.label.lower()}): {reply}"
        case Outcome.UNCERTAIN if result.code:
            return f"The server's answer does not say whether it took the message: {reply}"
        case Outcome.SENT:
            return f"Accepted by the server: {reply}"
        case Outcome.PERMANENT:
            return f"Refused ({result.phase.label.lower()}): {reply}"
        case Outcome.TRANSIENT:
            return f"Put off by the server ({result.phase.label.lower()}): {reply}"
        case Outcome.SERVER_UNAVAILABLE:
            return f"The server is not available ({result.phase.label.lower()}): {reply}"
    return reply
