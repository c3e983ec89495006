"""`manage.py reseal_secrets`: seal every stored secret with the newest key. It may be interrupted and run again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from smtp_settings.models import SmtpServer
from smtp_settings.sealing import CannotOpen, sealed_with_newest_key


class Command(BaseCommand):
    help = "Seal every stored secret with the newest key of SECRETS_KEYS, so that the older ones can be dropped."

    def handle(self, *args: Any, **options: Any) -> None:
        lost = [server for server in SmtpServer.objects.exclude(sealed_secret="") if not reseal(server)]
        if lost:
            names = ", ".join(str(server) for server in lost)
            raise CommandError(
                f"No key opens the secret of: {names}. Keep the old keys, or type those passwords again."
            )
        self.stdout.write("Every stored secret is sealed with the newest key; the older keys are no longer needed.")


def reseal(server: SmtpServer) -> bool:
    """Seal the secret with the newest key, one row at a time; tell whether it could be opened."""
    if sealed_with_newest_key(server.sealed_secret):
        return True
    with transaction.atomic():
        locked = SmtpServer.objects.select_for_update().get(pk=server.pk)
        try:
            locked.seal_secret(locked.open_secret())
        except CannotOpen:
            return False
        locked.save(update_fields=["sealed_secret"])
    return True
