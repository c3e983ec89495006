"""What a result says of the server itself: close its breaker, count a failure, take fewer connections, pause it."""

from django.db import transaction

from delivery.models import Attempt, ConnectionSlot
from delivery.worker.pause_notices import announce
from smtp_settings.choices import Fault, Outcome
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.transport.submission import SubmissionResult

SIGN_IN_REFUSED = (530, 534, 535, 538)  # RFC 4954 4 and 6
REFUSALS_BEFORE_PAUSE = 2


def record_result(server: SmtpServer, result: SubmissionResult, *, is_news: bool) -> bool:
    """Record what `result` says of the server; return whether to leave it alone for now.

    `is_news` of the first result of a run, and of a probe.
    """
    health = ServerHealth.of(server.key) if is_news or not result.accepted else None
    if health is None:
        return False
    if result.fault == Fault.CONNECTION_LIMIT:
        health.note_crowded(ConnectionSlot.objects.in_use(server.key).count())
        return True
    if result.outcome == Outcome.SERVER_UNAVAILABLE:
        health.note_failure(f"{result.phase.label}: {result.code or ''} {result.text}".replace("  ", " "))
        if result.code in SIGN_IN_REFUSED and _refused_before(server):
            _pause(server, f"It refused the sign-in twice: {result.code} {result.text}")
        if result.kind == "token_refused":
            _pause(server, f"{result.text}. Sign in again, or give a new client secret.")
        return True
    if result.outcome != Outcome.ABORTED:
        health.note_success()
    return False


def _refused_before(server: SmtpServer) -> bool:
    """Return whether the latest attempts, this one among them, all failed at the sign-in."""
    latest = Attempt.objects.filter(server=server.pk).order_by("-id")[:REFUSALS_BEFORE_PAUSE]
    codes = [attempt.reply_code for attempt in latest]
    return len(codes) == REFUSALS_BEFORE_PAUSE and all(code in SIGN_IN_REFUSED for code in codes)


def _pause(server: SmtpServer, reason: str) -> None:
    with transaction.atomic():
        if server.pause(reason):
            announce(server, reason)
