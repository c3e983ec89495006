"""The project's own app: people, the consoles and the checks before a deployment."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks  # noqa: F401
        from backoffice.accounts import sealed_factors  # noqa: F401
        from backoffice.audit import sign_ins
        from backoffice.audit.middleware import note_stored
        from backoffice.console.autodiscover import autodiscover
        from smtp_settings import configuring

        autodiscover("backoffice.owner_console", "backoffice.whitelabel_console")
        sign_ins.follow()
        configuring.witnesses.append(note_stored)
