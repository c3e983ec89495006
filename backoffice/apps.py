"""The project's own app: people, the consoles and the checks before a deployment."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks, sealed_factors, sign_ins  # noqa: F401
        from backoffice.audit import note_stored
        from backoffice.owner_console import (  # noqa: F401
            applications,
            audit,
            deliveries,
            domains,
            people,
            record_sets,
            white_labels,
        )
        from backoffice.whitelabel_console import applications as own_applications  # noqa: F401
        from backoffice.whitelabel_console import deliveries as own_deliveries  # noqa: F401
        from smtp_settings import configuring

        sign_ins.follow()
        configuring.witnesses.append(note_stored)
