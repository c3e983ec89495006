"""`manage.py export_audit`: write the audit log, or the part since a day, to a file or a pipe. It records that."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_noop

from people.audit import record
from people.audit_export import FORMATS
from people.models import AuditEntry
from phrases.phrase import Phrase

EXPORTED = gettext_noop("Since %(since)s, as %(format)s.")


class Command(BaseCommand):
    help = "Export the audit log, oldest first. JSON lines hold all that the digests cover."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_day, default=date.min, metavar="DAY", help="2026-11-30, at midnight UTC")
        parser.add_argument("--format", choices=FORMATS, default="jsonl")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a new file; otherwise it goes to the output")

    def handle(self, *args: Any, since: date, format: str, output: Path | None, **options: Any) -> None:  # noqa: A002
        detail = Phrase(EXPORTED, {"since": since.isoformat(), "format": format})
        record("audit.export", who="manage.py export_audit", detail=detail)
        begins = datetime(since.year, since.month, since.day, tzinfo=UTC)
        entries = AuditEntry.objects.filter(at__gte=begins).oldest_first()
        if output is None:
            for line in FORMATS[format](entries):
                self.stdout.write(line, ending="")
            return
        try:
            with output.open("x", encoding="utf-8", newline="") as file:
                file.writelines(FORMATS[format](entries))
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error


def _day(typed: str) -> date:
    return date.fromisoformat(typed)
