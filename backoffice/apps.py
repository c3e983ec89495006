"""The project's own app: people, the consoles and the checks before a deployment."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice import checks  # noqa: F401
