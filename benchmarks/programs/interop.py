"""The product from inside, for the interoperability lab: reads acts as lines of JSON, and answers each with a line.

A line is the name of an act and its arguments; the answer is "done" and what the act returned.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import django

from benchmarks import sample
from benchmarks.interop.messages import KINDS, Kind
from benchmarks.interop.workspace import DOMAIN
from benchmarks.programs import rows

if TYPE_CHECKING:
    from smtp_settings.models import SmtpServer

CHUNK = 1000


def applications() -> None:
    """Make Shop, whose mail leaves as the platform, and Boutique, which has a domain of its own."""
    from django.utils import timezone

    from whitelabel.models import SendingDomain

    rows.shop()
    boutique = rows.application("Boutique", "Initech", "bob@initech.test")
    assert boutique.white_label is not None
    now, state = timezone.now(), SendingDomain.State.ACTIVE
    SendingDomain.objects.create(
        white_label=boutique.white_label, domain=DOMAIN, state=state, activated_at=now, verified_at=now
    )


def use(secret: str, values: dict[str, Any]) -> str:
    """Make a new server the platform's, of which nothing is known yet; return its key."""
    rows.platform_server(secret=secret, **values)
    return _server().key


def accept(recipients: Sequence[str]) -> list[str]:
    """Accept a message of Shop to each; return the Message-IDs."""
    from delivery.api import send_bulk
    from whitelabel.models import Application

    application = Application.objects.get(name="Shop")
    return [
        email.message_id
        for start in range(0, len(recipients), CHUNK)
        for email in send_bulk(
            application,
            to=recipients[start : start + CHUNK],
            subject=sample.SUBJECT,
            text=sample.TEXT,
            html=sample.HTML,
        )
    ]


def send_kinds() -> dict[str, dict[str, str]]:
    """Send a message of every kind; return Message-ID, or what it was refused for, by name."""
    return {kind.name: _send_kind(kind) for kind in KINDS}


def check(kind: str, person: str) -> int:
    """Ask for a check of the platform's server, or a test e-mail through it, as `person` on its page; return its id."""
    from people.models import User
    from smtp_settings.checks import request
    from smtp_settings.models import SmtpCheck

    server = _server()
    user = User.objects.create_user(person, rows.PASSWORD)
    return request.start(SmtpCheck.Kind(kind), server, server.open_secret(), user).pk


def clear() -> None:
    """Cancel what still waits, so that it does not leave through the next server."""
    from delivery.models import Delivery

    for delivery in Delivery.objects.filter(status__in=Delivery.CANCELLABLE):
        delivery.cancel("The scenario is over.")


def _server() -> "SmtpServer":
    from smtp_settings.models import Communication

    server = Communication.current().server
    assert server is not None
    return server


def _send_kind(kind: Kind) -> dict[str, str]:
    from django.core.exceptions import ValidationError

    try:
        return {"message_id": _send_by_django(kind) if kind.by_django else _send_by_api(kind)}
    except (ValidationError, ValueError, TypeError, AttributeError) as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def _send_by_api(kind: Kind) -> str:
    from delivery.api import Attachment, send
    from whitelabel.models import Application

    email = send(
        Application.objects.get(name="Boutique"),
        to=[str(person) for person in kind.to],
        cc=[str(person) for person in kind.cc],
        bcc=[str(person) for person in kind.bcc],
        subject=kind.subject,
        text=kind.text,
        html=kind.html,
        sender_name=kind.sender_name,
        sender_address=f"orders@{DOMAIN}",
        reply_to=[str(person) for person in kind.reply_to],
        headers=kind.headers,
        attachments=[Attachment(file.name, file.content, file.mimetype) for file in kind.files],
    )
    return email.message_id


def _send_by_django(kind: Kind) -> str:
    """Send it as an application's own code does; Django's backend is the outbox."""
    from delivery.models import Email

    _django_message(kind).send()
    return Email.objects.latest("accepted_at").message_id


def _django_message(kind: Kind) -> Any:
    from email.mime.image import MIMEImage

    from django.core.mail import EmailMultiAlternatives

    message = EmailMultiAlternatives(
        kind.subject,
        kind.text,
        to=[str(person) for person in kind.to],
        headers=dict(kind.headers),
    )
    for content, mimetype in [*([(kind.html, "text/html")] if kind.html else []), *kind.alternatives]:
        message.attach_alternative(content, mimetype)
    for file in kind.files:
        if file.content_id:
            image = MIMEImage(file.content)
            image.add_header("Content-ID", f"<{file.content_id}>")
            image.add_header("Content-Disposition", "inline", filename=file.name)
            message.mixed_subtype = "related"  # type: ignore[attr-defined]  # Django documents it, its stubs do not
            message.attach(image)
        else:
            message.attach(file.name, file.content, file.mimetype)
    if kind.enclosed:
        message.attach("enclosed.eml", kind.enclosed, "message/rfc822")
    return message


ACTS: Mapping[str, Callable[..., object]] = {
    act.__name__: act for act in (applications, use, accept, send_kinds, check, clear)
}


def main() -> None:
    django.setup()
    print("ready", flush=True)
    for line in sys.stdin:
        act, *arguments = json.loads(line)
        print("done", json.dumps(ACTS[act](*arguments)), flush=True)


if __name__ == "__main__":
    main()
