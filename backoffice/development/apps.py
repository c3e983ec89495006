"""The development stack's part of the web process, installed only where DEBUG is on: the page of the mail catcher."""

from django.apps import AppConfig


class DevelopmentConfig(AppConfig):
    name = "backoffice.development"

    def ready(self) -> None:
        from backoffice.development import catcher_page  # noqa: F401
