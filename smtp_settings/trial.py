"""Send a test e-mail to the person who asks for it, through the client that real mail takes."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from smtp_settings import preflight
from smtp_settings.choices import Phase
from smtp_settings.client import Session, SessionFailed
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.models.check import TESTS_PER_DAY, TESTS_PER_HOUR
from smtp_settings.preflight import Act, Found, Step
from smtp_settings.submission import submit

BODY = """\
This is a test e-mail.

{person} asked for it on {at:%d %B %Y at %H:%M} UTC, to see whether mail
leaves through the SMTP server {server} as {sender}.

If you read this in your inbox, it does. If it was in the spam folder, ask
your provider about SPF, DKIM and DMARC for {domain}.
"""


class TooManyTests(Exception):
    """The person has used up their test e-mails for now."""

    def __init__(self) -> None:
        super().__init__(
            f"You may send {TESTS_PER_HOUR} test e-mails an hour and {TESTS_PER_DAY} a day. Try again later."
        )


def send(*, server: SmtpServer, secret: str, person: AbstractBaseUser) -> list[Step]:
    """Send a test e-mail to the person's own address and say how far it came; raises `TooManyTests`."""
    check = _reserve(server, person)
    recipient = str(getattr(person, person.get_email_field_name()))
    content = _render(server, recipient)
    with preflight.session_for(server, secret) as session:
        steps = list(preflight.walk(session, [*preflight.opening(server), _submission(recipient, content)]))
    check.finish(ok=preflight.passed(steps), steps=[step.as_json() for step in steps])
    return steps


def _reserve(server: SmtpServer, person: AbstractBaseUser) -> SmtpCheck:
    """Count the test before it is sent: two at the same moment must not both be the fifth."""
    with transaction.atomic():
        get_user_model()._default_manager.select_for_update().get(pk=person.pk)
        if not SmtpCheck.objects.may_test(person):
            raise TooManyTests
        return SmtpCheck.objects.create(
            tenant=server.tenant,
            destination=str(server),
            kind=SmtpCheck.Kind.TEST,
            person_id=person.pk,
            ok=False,
        )


def _submission(recipient: str, content: bytes) -> Act:
    def act(session: Session) -> Found:
        result = submit(session, sender=session.server.sender_address, recipient=recipient, content=content)
        if not result.accepted:
            kind = "reply" if result.code else "closed"
            raise SessionFailed(result.phase, kind, result.text, code=result.code, enhanced=result.enhanced)
        return [(Phase.DONE, f"The server took the message for {recipient}: “{result.code} {result.text}”")]

    return act


def _render(server: SmtpServer, recipient: str) -> bytes:
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
