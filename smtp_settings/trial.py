"""A test e-mail to the person who asks for it, through the client that real mail takes."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid

from django.utils import timezone

from smtp_settings.client import Session, SessionFailed
from smtp_settings.envelope import Envelope
from smtp_settings.models import SmtpServer
from smtp_settings.preflight import Act, Found
from smtp_settings.submission import submit

ACCEPTED = "Accepted by the server"
BODY = """\
This is a test e-mail.

{person} asked for it on {at:%d %B %Y at %H:%M} UTC, to see whether mail
leaves through the SMTP server {server} as {sender}.

If you read this in your inbox, it does. If it was in the spam folder, ask
your provider about SPF, DKIM and DMARC for {domain}.
"""


def submission(recipient: str, content: bytes) -> Act:
    """Return the act that submits `content`; the transcript names its end alone."""

    def act(session: Session) -> Found:
        envelope = Envelope(session.server.sender_address, recipient, len(content))
        result = submit(session, envelope, content)
        session.transcript += [f"C: the message for {recipient}", f"S: {result.code or ''} {result.text}"]
        if not result.accepted:
            kind = "reply" if result.code else "closed"
            raise SessionFailed(result.phase, kind, result.text, code=result.code, enhanced=result.enhanced)
        return [(ACCEPTED, f"The server took the message for {recipient}: “{result.code} {result.text}”")]

    return act


def render(server: SmtpServer, recipient: str) -> bytes:
    domain = server.sender_address.rpartition("@")[2]
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Test e-mail"
    message["From"] = Address(server.sender_name, addr_spec=server.sender_address)
    message["To"] = Address(addr_spec=recipient)
    message["Date"] = localtime(timezone.now())
    message["Message-ID"] = make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    body = BODY.format(person=recipient, at=timezone.now(), server=server, sender=server.sender_address, domain=domain)
    message.set_content(body, cte="quoted-printable")
    return message.as_bytes()
