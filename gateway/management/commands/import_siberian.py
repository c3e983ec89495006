"""`manage.py import_siberian FILE`: carry over what the queries of `docs/siberian.md` printed; it may be run again."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gateway.provisioning.items import Busy, Kind, ListOutcome, Refused
from gateway.siberian.export import Export, UnreadableFile, read
from gateway.siberian.importing import Report, carry_over
from gateway.siberian.note import Note
from gateway.siberian.servers import Done

THINGS = {Kind.PEOPLE: "admin", Kind.WHITE_LABELS: "white-label of admin", Kind.APPLICATIONS: "application"}
MEANWHILE = "Something changed while this was at work, and nothing was written. Run it again."


class Command(BaseCommand):
    help = (
        "Carry over from Siberian CMS the platform's SMTP settings, white-labels with theirs, applications and their "
        "owners, as docs/siberian.md says. Without --apply it says what it would do, and writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="what the queries printed; - reads standard input")
        parser.add_argument("--apply", action="store_true", help="write it")

    def handle(self, *args: Any, file: str, apply: bool, **options: Any) -> None:
        export = _read(file)
        try:
            report = carry_over(export, apply=apply)
        except (Refused, Busy) as error:
            raise CommandError(MEANWHILE) from error
        self.stdout.write("Done." if apply else "Nothing was written. With --apply, this is what happens:")
        self._show(report)

    def _show(self, report: Report) -> None:
        for kind, outcome in report.outcome.items():
            numbers = f"{len(outcome.created)} new, {len(outcome.changed)} changed, {outcome.unchanged} unchanged"
            self.stdout.write(f"{kind.label}: {numbers}{_missing(outcome)}")
        new, same = report.servers[Done.CREATED], report.servers[Done.UNCHANGED]
        self.stdout.write(f"SMTP servers: {new} new, {same} unchanged")
        if new:
            self.stdout.write("New servers are drafts, switched off: open the page of each and save it, to check it.")
        for kind, outcome in report.outcome.items():
            for ref, names in outcome.changed.items():
                self.stdout.write(f"Changed, {THINGS[kind]} {ref}: {', '.join(names)}")
        self._list("Not carried over", report.left_out)
        self._list("To look at", report.remarks)

    def _list(self, title: str, notes: Sequence[Note]) -> None:
        if notes:
            self.stdout.write(f"{title} ({len(notes)}):")
            for note in notes:
                self.stdout.write(f"  {note}")


def _read(name: str) -> Export:
    try:
        if name == "-":
            return read(sys.stdin.buffer)
        with Path(name).open("rb") as file:
            return read(file)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    except UnreadableFile as error:
        raise CommandError(str(error)) from error


def _missing(outcome: ListOutcome) -> str:
    return f"; {len(outcome.missing)} here that the file lacks, which stay" if outcome.missing else ""
