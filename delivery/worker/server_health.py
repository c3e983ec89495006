"""What a result says of the server itself: close its breaker, count a failure, take fewer connections, pause it."""

from django.db import transaction

from delivery.models import Attempt, ConnectionSlot
from messages.models import Mailbox
from smtp_settings.choices import Outcome
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.transport.submission import SubmissionResult
from whitelabel.correspondence import send_notice
from whitelabel.models import WhiteLabel

SIGN_IN_REFUSED = (530, 534, 535, 538)  # RFC 4954 4 and 6
REFUSALS_BEFORE_PAUSE = 2
CROWDED = (432, 452)  # too many connections; too much at once


def note(server: SmtpServer, result: SubmissionResult, *, news: bool) -> bool:
    """Note what `result` says of the server; return whether to leave it alone for now. `news`: its first of a run."""
    health = ServerHealth.of(server.key) if news or not result.accepted else None
    if health is None:
        return False
    if result.code in CROWDED:
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
    """Pause the server and tell its people and the owner, once."""
    with transaction.atomic():
        if not server.pause(reason):
            return
        white_label = WhiteLabel.objects.filter(server=server.pk).select_related("mailbox").first()
        whose = f"The SMTP server of {white_label}" if white_label else "The platform's SMTP server"
        paragraphs = [f"{whose}, {server}, is paused. {reason}", "Its mail waits. Mend the settings and check again:"]
        subject = f"{whose} is paused"
        send_notice(Mailbox.platform(), subject=subject, paragraphs=paragraphs, about=server)
        if white_label:
            send_notice(white_label.mailbox, subject=subject, paragraphs=paragraphs, about=server)
