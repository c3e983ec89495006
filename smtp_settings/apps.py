"""What an SMTP server is, how it is reached and how it is checked."""

import sys

from django.apps import AppConfig


class SmtpSettingsConfig(AppConfig):
    name = "smtp_settings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the table of providers now: a broken one stops the start, not the person who types an address."""
        from smtp_settings.providers import lookup, table

        try:
            lookup.all_providers()
        except table.BrokenTable as broken:
            print(f"Cannot start: {broken}", file=sys.stderr)
            raise SystemExit(2) from broken
