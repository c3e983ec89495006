"""The outbox: what was accepted, what became of it, and the work in between."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from delivery.outbox.release import release_verified
        from smtp_settings.signals import server_verified

        server_verified.connect(release_verified)
