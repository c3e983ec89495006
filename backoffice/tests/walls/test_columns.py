"""The database refuses what no column of the product or of a library can mean, whoever writes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import Error, connection, models, transaction
from django.utils import timezone

from tables.fields import ChoiceField
from testing.walls.tenants import Tenant, models_of_tenants
from whitelabel.models import WhiteLabel

NO_TIMES = ["infinity", "-infinity", "10000-01-01 00:00:00", "9999-12-31 23:59:59", "0044-03-15 00:00:00 BC"]
NO_DAYS = ["infinity", "-infinity", "10000-01-01", "0044-03-15 BC"]
NO_NUMBERS: list[Any] = ["", "seven", "7 o'clock", b"7"]
NO_TEXTS: list[Any] = [b"text"]
NO_COLOURS = ["red", "#12345", "#12345g", "123456", "#12345\n", "", "#abcde\u0661"]
ANYTHING: dict[type[Any], list[Any]] = {  # what SQLite takes besides
    models.DateTimeField: [
        *("", "soon", 7, 2461000.5, b"2026-11-30 07:00:00", "now", "2026-02-30 07:00:00", "2026-13-01 07:00:00"),
        *("2026-11-30", "2026-11-30T07:00:00", "2026-11-30 07:00:00 x", "2026-11-30 07:00:00.1234567"),
    ],
    models.DateField: ["", "soon", 7, b"2026-11-30", "now", "2026-02-30", "2026-11-30 07:00:00", "0000-01-01"],
    models.UUIDField: ["", "seven", 7, "g" * 32, b"0" * 32, "0" * 31, "A" * 32],
    models.BooleanField: ["", "yes", 2, -1, b"1"],
    models.FloatField: [*NO_NUMBERS, float("inf"), float("-inf")],
    models.IntegerField: [*NO_NUMBERS, 0.5],
    models.BigIntegerField: [*NO_NUMBERS, 0.5],
    models.CharField: NO_TEXTS,
    models.TextField: NO_TEXTS,
    models.BinaryField: ["text", 7],
}
ON_POSTGRESQL: dict[type[Any], list[Any]] = {
    models.DateTimeField: [*NO_TIMES],
    models.DateField: [*NO_DAYS],
    models.FloatField: ["NaN", "infinity", "-infinity"],
}


def meaningless(column: "models.Field[Any, Any]") -> Iterator[Any]:
    """Return what the column must not hold."""
    if isinstance(column, ChoiceField):
        yield from ("NOBODY", column.flatchoices[0][0].lower() + " ", *([] if column.blank else [""]))
    kinds = ON_POSTGRESQL if connection.vendor == "postgresql" else ANYTHING
    for kind in type(column).__mro__:
        if kind in kinds:
            yield from kinds[kind]
            return


def taken(row: models.Model) -> Iterator[str]:
    """Try every column of the row with all that it must not hold, and yield what it took."""
    model = type(row)
    key = model._meta.pk.get_db_prep_value(row.pk, connection)
    for column in model._meta.concrete_fields:
        if column.primary_key or column.is_relation:
            continue
        for value in meaningless(column):
            statement = (
                f'UPDATE "{model._meta.db_table}" SET "{column.column}" = %s WHERE "{model._meta.pk.column}" = %s'
            )
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement, [value, key])
                    assert cursor.rowcount == 1
            except Error:
                continue
            yield f"{column}: {value!r}"


@pytest.mark.parametrize("model", models_of_tenants(), ids=str)
def test_no_column_holds_what_it_cannot_mean(model: type[models.Model], alices: Tenant) -> None:
    assert list(taken(alices.row_of(model))) == []


def test_neither_does_that_of_a_session(db: None) -> None:
    assert list(taken(Session.objects.create(session_key="key", session_data="", expire_date=timezone.now()))) == []


@pytest.mark.parametrize("colour", NO_COLOURS)
def test_a_brand_has_a_colour(colour: str, alices: Tenant) -> None:
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE whitelabel_whitelabel SET brand_colour = %s WHERE id = %s", [colour, alices.row_of(WhiteLabel).pk]
        )


def test_every_text_of_a_few_codes_is_held_to_them() -> None:
    own = [model for model in apps.get_models() if model.__module__.partition(".")[0] in PACKAGES]
    columns = [column for model in own for column in model._meta.concrete_fields]
    assert [column for column in columns if column.choices and isinstance(column, models.CharField)] != []
    assert [
        str(column)
        for column in columns
        if column.choices and isinstance(column, models.CharField) and not isinstance(column, ChoiceField)
    ] == []


PACKAGES = ("gateway", "delivery", "whitelabel", "smtp_settings", "messages", "people")
