"""The doors for applications in other languages, and their keys."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gateway.keys.handover import stop_keys_of_the_other_side
        from whitelabel.signals import application_handed_over

        application_handed_over.connect(stop_keys_of_the_other_side)
