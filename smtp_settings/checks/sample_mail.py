"""A test e-mail to the person who asks for it, through the client that real mail takes."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from django.utils import timezone

from smtp_settings.checks.finding import Finding, passed
from smtp_settings.checks.preflight import Step
from smtp_settings.header_fields import address_field, structured_field, text_field
from smtp_settings.models import SmtpServer
from smtp_settings.transport.envelope import Envelope
from smtp_settings.transport.session import Session, SessionFailed
from smtp_settings.transport.submission import submit

ACCEPTED = "Accepted by the server"
BODY = """\
This is a test e-mail.

{person} asked for it on {at:%d %B %Y at %H:%M} UTC, to see whether mail
leaves through the SMTP server {server} as {sender}.

If you read this in your inbox, it does. If it was in the spam folder, ask
your provider about SPF, DKIM and DMARC for {domain}.
"""


def submission_step(recipient: str, content: bytes) -> Step:
    """Return the step that submits `content`; the transcript names its end alone."""

    def submit_mail(session: Session) -> list[Finding]:
        envelope = Envelope(session.server.sender_address, recipient, len(content))
        session.connection.keep_deadline()
        result = submit(session, envelope, content)
        session.transcript += [f"C: the message for {recipient}", f"S: {result.code or ''} {result.text}"]
        if not result.accepted:
            raise SessionFailed(
                result.phase, result.kind or "reply", result.text, code=result.code, enhanced=result.enhanced
            )
        return [passed(ACCEPTED, f"The server took the message for {recipient}: “{result.code} {result.text}”")]

    return submit_mail


def render(server: SmtpServer, recipient: str) -> bytes:
    """Return the test e-mail with CRLF line ends; Python's package writes the body alone, with its own fields."""
    domain, utf8 = server.sender_address.rpartition("@")[2], not (server.sender_address + recipient).isascii()
    head = (
        text_field("Subject", "Test e-mail")
        + address_field("From", [(server.sender_name, server.sender_address)], utf8=utf8)
        + address_field("To", [("", recipient)], utf8=utf8)
        + structured_field("Date", format_datetime(timezone.now()))
        + f"Message-ID: {make_msgid(domain=domain)}\r\n"
        + structured_field("Auto-Submitted", "auto-generated")
    )
    body = BODY.format(person=recipient, at=timezone.now(), server=server, sender=server.sender_address, domain=domain)
    content = EmailMessage(policy=SMTP)
    content.set_content(body, cte="quoted-printable")
    return head.encode() + content.as_bytes()
