"""`manage.py rotate_secrets`: seal every stored secret with the newest key. It may be interrupted and run again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_noop

from backoffice.sealed import SEALED
from people.audit import record
from phrases.phrase import Phrase
from smtp_settings.rotation import rotate


class Command(BaseCommand):
    help = "Seal every stored secret with the newest key of SECRETS_KEYS, so that the older ones can be dropped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forget-lost",
            action="store_true",
            help="Clear what no key opens: passwords and second factors are to be given again, keys are revoked.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        lost = list(rotate(SEALED, forget_lost=options["forget_lost"]))
        record("secrets.rotate", who="manage.py rotate_secrets", detail=_detail(len(lost)))
        for name in lost:
            self.stderr.write(f"No key opens {name}.")
        if lost and not options["forget_lost"]:
            raise CommandError(
                f"{len(lost)} could not be opened; all others are sealed with the newest key. Keep the old keys, or "
                "type those secrets again."
            )
        if lost:
            self.stdout.write(f"{len(lost)} were forgotten.")
        self.stdout.write("Every stored secret is sealed with the newest key; the older keys are no longer needed.")


def _detail(lost: int) -> Phrase:
    if not lost:
        return Phrase(gettext_noop("Every stored secret is sealed with the newest key."))
    return Phrase(
        gettext_noop("%(count)s stored secret could not be opened; all others are sealed with the newest key."),
        count=lost,
        plural=gettext_noop("%(count)s stored secrets could not be opened; all others are sealed with the newest key."),
    )
