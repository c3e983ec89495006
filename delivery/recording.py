"""Write down what a try came to: the attempt and the delivery's next status, in one short transaction."""

from django.db import transaction

from delivery import retries
from delivery.models import Attempt, Delivery
from delivery.rendering import reply_to
from smtp_settings.choices import Outcome
from smtp_settings.submission import SubmissionResult
from whitelabel.routing import Route


def record(delivery: Delivery, route: Route, result: SubmissionResult) -> bool:
    """Move the delivery and append the attempt, only while the lease still holds; tell whether it did."""
    again = delivery.possible_duplicate
    with transaction.atomic():
        if not _move(delivery, result):
            return False
        Attempt.objects.create(
            delivery=delivery,
            milliseconds=result.milliseconds,
            rule=route.rule,
            server=None if route.server.key == "default" else route.server,
            server_name=str(route.server),
            sender=str(route.sender),
            reply_to=reply_to(delivery.email, route),
            reasons=list(route.reasons),
            outcome=result.outcome,
            phase=result.phase,
            reply_code=result.code,
            enhanced_code=result.enhanced,
            reply_text=result.text,
            peer_address=result.peer_address,
            tls=result.tls,
            possible_duplicate=again,
        )
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
    tries = delivery.tries if counts else 0
    again = retries.next_try(tries=tries, accepted_at=delivery.email.accepted_at)
    if again is None:
        return delivery.expire(f"Given up. {why}")
    return delivery.defer(why, until=again, counts=counts)


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
