"""`manage.py recount_figures`: the figures of the dashboards, counted anew from the delivery log."""

from typing import Any

from django.core.management.base import BaseCommand

from delivery.figures.recount import recount


class Command(BaseCommand):
    help = (
        "Count the figures of the dashboards anew from the delivery log. They are exact without it; it is for rows "
        "that were put into the database by other means. Nothing is accepted or sent meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Counted {recount()} deliveries.")
