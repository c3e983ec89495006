"""Accept N mails one by one, try each once, and count them: `… product_roll_up N with|without POSTMASTER_PID`.

Without the roll-up the triggers of the delivery log are gone, and nothing is counted. Finds for each stage the CPU
seconds of this process, and of the database's, which has no other work; and how many mails were deferred.
"""

import sys
import time
from collections.abc import Callable

import django
from django.db import connection

from benchmarks import sample
from benchmarks.programs import take_part
from benchmarks.usage import cpu_seconds

Step = Callable[[], object]


def accept(count: int) -> None:
    from delivery.api import send
    from whitelabel.models import Application

    application = Application.objects.get(name="Shop")
    for recipient in sample.recipients(count):
        send(application, to=recipient, subject=sample.SUBJECT, text=sample.TEXT, html=sample.HTML)


def send_all() -> None:
    """Run the worker's own loop in this process until nothing waits for its first try."""
    from delivery.models import Delivery
    from delivery.worker.queue_run import QueueRun

    queued = Delivery.objects.filter(status=Delivery.Status.QUEUED)
    while (first := queued.first()) is not None:
        QueueRun(first.server_key).run()


def count_figures() -> None:
    from delivery.figures.fold import fold

    fold()


def deferred() -> int:
    from delivery.models import Delivery

    return Delivery.objects.filter(status=Delivery.Status.DEFERRED).count()


def without_roll_up() -> None:
    from delivery.figures.change_log import REMOVE

    with connection.cursor() as cursor:
        for statement in REMOVE[connection.vendor]:
            cursor.execute(statement)


def stages(count: int, postmaster: int, *, counted: bool) -> dict[str, tuple[float, float]]:
    steps: dict[str, Step] = {"accepting": lambda: accept(count), "sending": send_all, "counting": count_figures}
    if not counted:
        without_roll_up()
        del steps["counting"]
    found = {}
    for name, step in steps.items():
        own, servers = time.process_time(), cpu_seconds([postmaster])
        step()
        found[name] = time.process_time() - own, cpu_seconds([postmaster]) - servers
    return found


def main() -> None:
    django.setup()
    _, count, which, postmaster = sys.argv
    take_part(lambda: {"cpu": stages(int(count), int(postmaster), counted=which == "with"), "deferred": deferred()})


if __name__ == "__main__":
    main()
