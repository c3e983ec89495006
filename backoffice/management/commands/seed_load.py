"""`manage.py seed_load`: a database as large as the product is made for, to measure its pages on."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from backoffice.load.seeding import Amounts, holds_data, seed

REFUSED = "Somebody is in this database already. Made-up mail comes beside real mail only with --beside-real-data."


class Command(BaseCommand):
    help = "Fill a PostgreSQL database with white-labels, applications and millions of deliveries of nobody real."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--white-labels", type=int, default=300)
        parser.add_argument("--applications", type=int, default=10_000)
        parser.add_argument("--deliveries", type=int, default=10_000_000)
        parser.add_argument("--beside-real-data", action="store_true", help="also where somebody is here already")

    def handle(self, *args: Any, **options: Any) -> None:
        amounts = Amounts(options["white_labels"], options["applications"], options["deliveries"])
        if connection.vendor != "postgresql":
            raise CommandError("This needs PostgreSQL: set DATABASE_URL.")
        if min(vars(amounts).values()) < 10:
            raise CommandError("Ten of each are the least.")
        if holds_data() and not options["beside_real_data"]:
            raise CommandError(REFUSED)
        started = time.monotonic()

        def say(step: str) -> None:
            if options["verbosity"]:
                self.stdout.write(f"{time.monotonic() - started:6.0f} s  {step}")

        seed(amounts, say)
        say("done")
