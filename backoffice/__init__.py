"""The project: settings, URLs, Celery, the two consoles, the dashboard, people and health."""

from backoffice.celery import app as celery_app

__all__ = ["celery_app"]
