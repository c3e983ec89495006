"""White-labels, their applications and sending domains, and the rule that routes mail."""

from django.apps import AppConfig


class WhitelabelConfig(AppConfig):
    name = "whitelabel"
    default_auto_field = "django.db.models.BigAutoField"
