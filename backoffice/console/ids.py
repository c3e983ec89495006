"""Ids as they are typed into addresses and forms: the database is asked only about what can be one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet


def may_be_id(model: type[Model], typed: str | int) -> bool:
    """Return whether the database can be asked for it."""
    key = model._meta.pk
    try:
        key.run_validators(key.to_python(typed))
    except ValidationError:
        return False
    return True


def is_one_of(rows: "QuerySet[Any]", typed: str) -> bool:
    """Return whether `typed` is the id of one of `rows`."""
    return may_be_id(rows.model, typed) and rows.filter(pk=typed).exists()
