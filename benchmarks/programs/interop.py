"""What the interoperability lab does inside the product: `… interop prepare PORT USERNAME PASSWORD | accept N`."""

import sys
from collections.abc import Callable, Mapping

import django

from benchmarks import sample
from benchmarks.programs import rows, take_part

CHUNK = 1000


def prepare(port: str, username: str, password: str) -> None:
    """Make a server with STARTTLS and sign-in the platform's, and an application of a white-label that uses it."""
    rows.platform_server(
        host="localhost",
        port=int(port),
        security="STARTTLS",
        auth="PASSWORD",
        username=username,
        secret=password,
        sender_name="Shop",
        sender_address=sample.SENDER,
    )
    rows.shop()


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
