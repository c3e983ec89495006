"""Accept N mails over SECONDS, whatever breaks meanwhile: `… chaos_accept N SECONDS JOURNAL`.

What a caller was told is accepted goes into the journal at once: Message-ID and recipient. A call that fails has
promised nothing, and is made again for other recipients. Some are urgent, and half come in bulks of ten.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import django

from benchmarks import sample
from benchmarks.programs import take_part

if TYPE_CHECKING:
    from delivery.models import Email

BULK = 10
PAUSE_SECONDS = 0.5


def accept_all(count: int, seconds: float, journal: TextIO) -> int:
    """Keep the pace of `count` mails in `seconds`; return how many calls failed."""
    started, accepted, failures = time.monotonic(), 0, 0
    for turn, addresses in enumerate(_turns()):
        if accepted >= count:
            break
        time.sleep(max(0, started + seconds * accepted / count - time.monotonic()))
        accepted, failures = _try(turn, addresses, journal, accepted, failures)
    return failures


def _turns() -> Iterator[list[str]]:
    """Give new recipients for each turn."""
    number = 0
    while True:
        size = BULK if number % (2 * BULK) == 0 else 1
        yield [sample.recipient(number + offset) for offset in range(size)]
        number += size


def _try(turn: int, addresses: list[str], journal: TextIO, accepted: int, failures: int) -> tuple[int, int]:
    from django.db import DatabaseError, connection

    try:
        emails = _accept(turn, addresses)
    except DatabaseError:  # also when the connection was lost before or during the commit
        connection.close()
        time.sleep(PAUSE_SECONDS)
        return accepted, failures + 1
    for email, address in zip(emails, addresses, strict=True):
        journal.write(f"{email.message_id} {address}\n")
    journal.flush()
    return accepted + len(addresses), failures


def _accept(turn: int, addresses: list[str]) -> "list[Email]":
    from delivery.api import send, send_bulk
    from delivery.models import Delivery
    from whitelabel.models import Application

    applications = [None, *Application.objects.order_by("id").select_related("owner", "white_label")]
    application = applications[turn % len(applications)]
    if len(addresses) > 1:
        return send_bulk(application, to=addresses, subject=sample.SUBJECT, text=sample.TEXT, html=sample.HTML)
    priority = Delivery.Priority.NORMAL if turn % 9 else Delivery.Priority.URGENT
    return [
        send(
            application,
            to=addresses,
            subject=sample.SUBJECT,
            text=sample.TEXT,
            html=sample.HTML,
            priority=priority,
        )
    ]


def main() -> None:
    _, count, seconds, journal = sys.argv
    django.setup()
    with Path(journal).open("a") as file:
        take_part(lambda: accept_all(int(count), float(seconds), file))


if __name__ == "__main__":
    main()
