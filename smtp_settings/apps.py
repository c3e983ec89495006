"""What an SMTP server is, how it is reached and how it is checked."""

from django.apps import AppConfig


class SmtpSettingsConfig(AppConfig):
    name = "smtp_settings"
    default_auto_field = "django.db.models.BigAutoField"
