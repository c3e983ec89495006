"""The column that a message is found by: a tsvector on PostgreSQL, lines of text elsewhere."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TermsField(models.TextField):  # type: ignore[type-arg]
    """Its value is what the database reads as such, as `delivery.log.terms` writes it; never read back."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "tsvector" if connection.vendor == "postgresql" else super().db_type(connection)
