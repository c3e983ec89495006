"""White-labels, their applications and sending domains, and the rule that routes mail."""

from django.apps import AppConfig


class WhitelabelConfig(AppConfig):
    name = "whitelabel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from smtp_settings import scope
        from whitelabel.own_server import of_white_label

        scope.finders["white-label"] = of_white_label
