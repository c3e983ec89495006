"""Accept N mails for the prepared application: `python -m benchmarks.programs.product_accept one|bulk|campaign N`.

A campaign has the priority of bulk mail, so that other mail overtakes it.

Finds the seconds that it took.
"""

import sys
import time

import django

from benchmarks import sample
from benchmarks.programs import take_part

CHUNK = 1000


def one_by_one(recipients: list[str]) -> float:
    from delivery.api import send
    from whitelabel.models import Application

    application, started = Application.objects.get(name="Shop"), time.perf_counter()
    for recipient in recipients:
        send(application, to=recipient, subject=sample.SUBJECT, text=sample.TEXT, html=sample.HTML)
    return time.perf_counter() - started


def in_bulk(recipients: list[str]) -> float:
    from delivery.models import Delivery

    return _in_bulk(recipients, Delivery.Priority.NORMAL)


def as_campaign(recipients: list[str]) -> float:
    from delivery.models import Delivery

    return _in_bulk(recipients, Delivery.Priority.BULK)


def _in_bulk(recipients: list[str], priority: int) -> float:
    from delivery.api import send_bulk
    from whitelabel.models import Application

    application, started = Application.objects.get(name="Shop"), time.perf_counter()
    for start in range(0, len(recipients), CHUNK):
        send_bulk(
            application,
            to=recipients[start : start + CHUNK],
            subject=sample.SUBJECT,
            text=sample.TEXT,
            html=sample.HTML,
            priority=priority,
        )
    return time.perf_counter() - started


def main() -> None:
    django.setup()
    _, how, count = sys.argv
    accept = {"one": one_by_one, "bulk": in_bulk, "campaign": as_campaign}[how]
    take_part(lambda: accept(sample.recipients(int(count))))


if __name__ == "__main__":
    main()
