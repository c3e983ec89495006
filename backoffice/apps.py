"""The project's own app: sign-in, the consoles and the checks before a deployment."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks  # noqa: F401
        from backoffice.audit import sign_ins
        from backoffice.audit.stored_servers import record_stored
        from backoffice.owner_console import applications, audit, deliveries, people, white_labels  # noqa: F401
        from backoffice.owner_console.domains import queue, record_sets  # noqa: F401
        from backoffice.whitelabel_console import applications as own_applications  # noqa: F401
        from backoffice.whitelabel_console import deliveries as own_deliveries  # noqa: F401
        from smtp_settings.signals import server_verified

        sign_ins.follow()
        server_verified.connect(record_stored)
