"""The column of a list or of an object that the product itself has written."""

from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTransform


class StoredJSON(models.JSONField):
    """JSON of the kind that its default is, a list or an object.

    Other JSON, and what Python does not read (numbers too long, nesting too deep), was put there past the product: it
    reads as the default, so that such a row breaks no list that it is in. Migrations see a plain JSON column.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or isinstance(expression, KeyTransform):
            return super().from_db_value(value, expression, connection)
        default = self.get_default()
        try:
            stored = super().from_db_value(value, expression, connection)
        except (ValueError, RecursionError):
            return default
        return stored if isinstance(stored, type(default)) else default

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs
