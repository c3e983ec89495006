"""`manage.py measure_pages`: how long the server takes for each page over a database of `seed_load`."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from backoffice.load.pages import Page, pages

HEAD = "| page | median, ms | worst, ms | goal, ms | queries | |\n|---|--:|--:|--:|--:|---|"
READING = ("SELECT", "WITH", "(SELECT")  # and not what begins, ends and limits
REFERENCE_STEPS = 1_000_000
NOT_SEEDED = "Nobody whom `seed_load` makes is here: this signs people in without asking them, and nobody real."


class Command(BaseCommand):
    help = "Measure the pages of both consoles over the database that seed_load made, and print them as a table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=7)
        parser.add_argument("--only", default="", help="only pages whose name has this in it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chosen = [page for page in pages() if options["only"] in page.name]
        except LookupError as error:
            raise CommandError(NOT_SEEDED) from error
        self.stdout.write(HEAD)
        with override_settings(DEBUG=False, OWNER_SECOND_FACTOR=False):
            for page in chosen:
                self.stdout.write(self._row(page, options["rounds"]))
        loops = sorted(_reference_ms() for _ in range(options["rounds"]))
        self.stdout.write(
            f"\nA loop of {REFERENCE_STEPS:,} steps beside it: {median(loops):.0f} to {loops[-1]:.0f} ms."
        )

    def _row(self, page: Page, rounds: int) -> str:
        client = Client(HTTP_HOST=urlsplit(settings.SITE_URL).netloc)
        client.force_login(page.reader, "allauth.account.auth_backends.AuthenticationBackend")
        try:
            queries = _queries(client, page)
            taken = sorted(_milliseconds(client, page, rounds))
        finally:
            client.session.delete()
        met = median(taken) < page.goal_ms and (page.most_queries is None or queries <= page.most_queries)
        cells = (page.name, f"{median(taken):.0f}", f"{taken[-1]:.0f}", f"{page.goal_ms}", f"{queries}")
        return f"| {' | '.join(cells)} | {'met' if met else 'missed'} |"


def _queries(client: Client, page: Page) -> int:
    """Return how many times the page asks the database for rows, the second time that it is asked for."""
    _get(client, page)
    with CaptureQueriesContext(connection) as captured:
        _get(client, page)
    return sum(query["sql"].startswith(READING) for query in captured)


def _milliseconds(client: Client, page: Page, rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        started = time.perf_counter()
        _get(client, page)
        yield (time.perf_counter() - started) * 1000


def _get(client: Client, page: Page) -> None:
    response = client.get(page.address, secure=settings.SITE_URL.startswith("https:"))
    if response.status_code != 200:
        raise CommandError(f"{page.name}: {page.address} was answered with {response.status_code}.")


def _reference_ms() -> float:
    """Return how long a loop takes that asks nobody, so that figures of one machine can be judged."""
    started = time.perf_counter()
    for _ in range(REFERENCE_STEPS):
        pass
    return (time.perf_counter() - started) * 1000
