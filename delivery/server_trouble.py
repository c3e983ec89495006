"""A server in trouble: back off from it without blaming the mail, and stop where it refuses the sign-in."""

from django.db import transaction
from django.urls import reverse

from delivery import retries
from delivery.models import Attempt, Delivery
from messages.models import Mailbox
from smtp_settings.models import SmtpServer
from smtp_settings.submission import SubmissionResult
from whitelabel.correspondence import send_notice
from whitelabel.models import WhiteLabel
from whitelabel.routing import Route

SIGN_IN_REFUSED = (530, 534, 535, 538)  # RFC 4954 4 and 6
REFUSALS_BEFORE_PAUSE = 2


def back_off(route: Route, result: SubmissionResult, why: str) -> None:
    """Let all due mail of the server wait; pause a server that has refused the sign-in twice in a row."""
    Delivery.objects.put_off(route.server.key, until=retries.after_server_trouble(), why=why)
    if result.code in SIGN_IN_REFUSED and _refused_before(route.server):
        _pause(route.server, f"It refused the sign-in twice: {result.code} {result.text}")


def _refused_before(server: SmtpServer) -> bool:
    """Tell whether the latest attempts, this one among them, all failed at the sign-in."""
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
        send_notice(Mailbox.platform(), subject=subject, paragraphs=paragraphs, path=reverse("owner:communication"))
        if white_label:
            path = reverse("whitelabel:email")
            send_notice(white_label.mailbox, subject=subject, paragraphs=paragraphs, path=path)
