"""The column of a `Phrase`."""

from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTransform

from phrases.phrase import Phrase


class PhraseField(models.JSONField):
    """A JSON column whose value is a `Phrase`, or None where the column may be null.

    JSON that is no phrase reads as an empty one. Lookups see the JSON: `detail__message="..."`.
    """

    description = "A sentence for people, as message id and parameters"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or isinstance(expression, KeyTransform):
            return super().from_db_value(value, expression, connection)
        try:
            return Phrase.from_json(super().from_db_value(value, expression, connection))
        except (ValueError, RecursionError):  # numbers too long and nesting too deep for Python
            return Phrase("")

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(_as_json(value))

    def to_python(self, value: Any) -> Any:
        return Phrase.from_json(value) if isinstance(value, dict) else value

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(_as_json(value), model_instance)

    def value_to_string(self, obj: models.Model) -> Any:
        return _as_json(self.value_from_object(obj))


def _as_json(value: Any) -> Any:
    return value.as_json() if isinstance(value, Phrase) else value
