"""The project's own app: sign-in, the consoles and the checks before a deployment."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks  # noqa: F401
        from backoffice.accounts import sealed_factors
        from backoffice.audit import sign_ins
        from backoffice.audit.stored_servers import record_stored
        from backoffice.console.autodiscover import autodiscover
        from smtp_settings.signals import server_verified

        autodiscover("backoffice.owner_console", "backoffice.whitelabel_console")
        sealed_factors.follow()
        sign_ins.follow()
        server_verified.connect(record_stored)
