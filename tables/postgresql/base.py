"""Columns that hold what Python can read and compute with: no infinite times, no year that it does not know, no NaN.

PostgreSQL's types refuse everything else. The checks are part of each column that a migration makes, also of a library.
"""

from typing import Any

from django.db.backends.postgresql import base, schema

from tables.fields import ChoiceField
from tables.times import FIRST_DAY, FIRST_TIME, LAST_DAY, LAST_TIME


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def _field_db_check(self, field: Any, field_db_params: Any) -> Any:
        """Return what a change is told by; Django asks only the checks that go by a field's type."""
        if isinstance(field, ChoiceField):
            return field.check_of("__column_name__")
        return super()._field_db_check(field, field_db_params)  # type: ignore[misc]


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    data_type_check_constraints = {
        **base.DatabaseWrapper.data_type_check_constraints,
        "DateTimeField": f""""%(column)s" BETWEEN '{FIRST_TIME}+00' AND '{LAST_TIME}+00'""",
        "DateField": f""""%(column)s" BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}'""",
        "FloatField": """"%(column)s" > '-Infinity' AND "%(column)s" < 'Infinity'""",
    }
