"""Whatever a row says is text to the pages that show it: names, subjects, replies of servers, DNS values, devices."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils.html import escape

from people.models import User
from testing.walls.addresses import addresses
from testing.walls.tenants import TEXTS, Tenant

MARKUP_BEGINS = "<img src=x"
MARKUP = """'"></title><img src=x onerror=alert(1)>{{7*7}}"""
MEANS_SOMETHING = {
    "act",
    "brand_colour",
    "digest",
    "password",
    "prefix",
    "previous",
    "scope_key",
    "server_key",
    "session_key",
    "token",
}
pytestmark = pytest.mark.django_db


def say_markup(tenant: Tenant) -> None:
    """Put markup into each text of the tenant's rows that the database takes it in."""
    for model, row in tenant.rows.items():
        for field in filter(_is_free, model._meta.concrete_fields):
            with suppress(DatabaseError), transaction.atomic():
                said = f"{MARKUP}{row.pk}"[: field.max_length]
                models.QuerySet(model).filter(pk=row.pk).update(**{field.name: said})


def _is_free(field: "models.Field[Any, Any]") -> bool:
    is_text = isinstance(field, TEXTS) and not isinstance(field, models.EmailField)
    return is_text and not (field.primary_key or field.choices or field.name in MEANS_SOMETHING)


def pages(client: Client, number: int) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each page that can be read."""
    for address in addresses(get_resolver().url_patterns):
        for filled in address.filled(str(number), own=str(number)):
            answer = client.get(filled, headers={"User-Agent": MARKUP})
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                yield filled, answer.content.decode()


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_no_page_takes_text_for_markup(who: str, client: Client, visitors: dict[str, User], alices: Tenant) -> None:
    say_markup(alices)
    client.force_login(visitors[who])
    read = dict(pages(client, alices.number))
    assert [address for address, page in read.items() if MARKUP_BEGINS in page] == []
    assert sum(escape(MARKUP_BEGINS) in page for page in read.values()) > 25
