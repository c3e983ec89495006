"""`manage.py verify_audit`: say which entries of the audit log were tampered with, or that all hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.audit_chain import verify
from people.models import AuditEntry


class Command(BaseCommand):
    help = "Verify that no entry of the audit log was changed, taken out or put in since it was written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--contains",
            metavar="DIGEST",
            default="",
            help="a digest that an earlier run printed: fail where no entry has it any more",
        )

    def handle(self, *args: Any, contains: str, **options: Any) -> None:
        result = verify()
        if contains and not AuditEntry.objects.filter(digest=contains).exists():
            result.problems.append("No entry has the digest that you gave: the log was written anew or cut off.")
        for problem in result.problems:
            self.stderr.write(problem)
        if result.problems:
            raise CommandError(f"The audit log does not hold. Problems: {len(result.problems)}")
        self.stdout.write(f"Every entry of the audit log holds ({result.entries} in all).")
        if result.newest:
            self.stdout.write(f"Keep the digest of entry {result.newest.pk} elsewhere; a later run looks for it:")
            self.stdout.write(f"--contains {result.newest.digest}")
