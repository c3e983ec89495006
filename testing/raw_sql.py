"""What somebody with write access to the database does: change a row past models, forms and constraints."""

from typing import Any

from django.db import connection, models


def edit_row(row: models.Model, **columns: Any) -> None:
    """Set `columns` of the row of `row` by raw SQL; a JSON column takes what Python's json would write."""
    fields = [row._meta.get_field(name) for name in columns]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)  # type: ignore[union-attr]
    values = [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for field, value in zip(fields, columns.values(), strict=True)
    ]
    key = row._meta.pk.get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{row._meta.db_table}" SET {assignments} WHERE "{row._meta.pk.column}" = %s',
            [*values, key],
        )
        assert cursor.rowcount == 1


def drop_constraint(model: type[models.Model], name: str) -> None:
    """Let the rows of `model` hold what a check constraint forbids."""
    (constraint,) = (each for each in model._meta.constraints if each.name == name)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute(str(constraint.remove_sql(model, connection.schema_editor())))
