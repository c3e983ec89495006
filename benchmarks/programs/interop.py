"""What the interoperability lab does inside the product: `… interop prepare PORT USERNAME PASSWORD | accept N`."""

import sys
from collections.abc import Callable, Mapping

import django

from benchmarks import sample
from benchmarks.programs import take_part

CHUNK = 1000


def prepare(port: str, username: str, password: str) -> None:
    """Make a server with STARTTLS and sign-in the platform's, and an application of a white-label that uses it."""
    from people.models import User
    from smtp_settings.models import Communication, SmtpServer
    from whitelabel.models import Application, WhiteLabel

    server = SmtpServer(
        policy="PLATFORM",
        scope_key="platform",
        host="localhost",
        port=int(port),
        security="STARTTLS",
        auth="PASSWORD",
        username=username,
        sender_name="Shop",
        sender_address=sample.SENDER,
        state="VERIFIED",
    )
    server.seal_secret(password)
    server.save()
    communication = Communication.current()
    communication.server, communication.custom_smtp = server, True
    communication.save()
    owner = User.objects.create_user("alice@acme.test", "a password that nobody types")
    white_label = WhiteLabel.objects.create(name="Acme", brand_name="Acme Apps")
    white_label.admins.set([owner])
    Application.objects.create(name="Shop", owner=owner, white_label=white_label)


def accept(count: str) -> list[tuple[str, str]]:
    """Accept a bulk; find Message-ID and recipient of each message."""
    from delivery.api import send_bulk
    from whitelabel.models import Application

    application, recipients = Application.objects.get(name="Shop"), sample.recipients(int(count))
    message_ids = [
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
    return list(zip(message_ids, recipients, strict=True))


ACTS: Mapping[str, Callable[..., object]] = {"prepare": prepare, "accept": accept}


def main() -> None:
    _, act, *arguments = sys.argv
    django.setup()
    take_part(lambda: ACTS[act](*arguments))


if __name__ == "__main__":
    main()
