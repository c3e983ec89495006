"""Whatever stands in the texts of somebody's rows: pages that list it, tasks and the mail of others go on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connection, models, transaction
from django.test import Client
from django.utils.module_loading import import_string

from backoffice.urls import urlpatterns
from people.models import AuditEntry, User
from smtp_settings.models import SmtpServer
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant, models_of_tenants

STRANGE = ["", "\x01\r\nx: y", "%s{0}<b>'\"", "..@..", "\u00e9" * 250, "[::1"]
ASKS_DNS = {"whitelabel.tasks.check_due_domains"}
TASKS = sorted({str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()} - ASKS_DNS)


def spoil(tenant: Tenant, text: str) -> None:
    """Write `text` into every column of the tenant's rows that takes it, past the product."""
    for model in set(models_of_tenants()) - {AuditEntry}:
        key = model._meta.pk.get_db_prep_value(tenant.row_of(model).pk, connection)
        for column in model._meta.concrete_fields:
            if isinstance(column, models.CharField | models.TextField) and not (column.primary_key or column.choices):
                _write(model, column.column, text[: column.max_length], key)


def _write(model: type[models.Model], column: str | None, text: str, key: Any) -> None:
    sql = f'UPDATE "{model._meta.db_table}" SET "{column}" = %s WHERE "{model._meta.pk.column}" = %s'
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [text, key])
    except Error:  # there is one already, or the column does not take it
        return


def pages(console: str) -> Iterator[str]:
    for address in addresses(urlpatterns):
        if str(address).startswith(console) and not address.kinds:
            yield str(address)


def failures(person: User, console: str) -> list[str]:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return [page for page in pages(console) if client.get(page).status_code >= 500]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_no_page_fails(text: str, visitors: dict[str, User], alices: Tenant, charlies: Tenant) -> None:
    spoil(charlies, text)
    assert failures(visitors["owner"], "/backoffice/") == []
    assert failures(alices.person, "/whitelabel/") == []
    assert failures(charlies.person, "/whitelabel/") == []


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_no_task_of_the_beat_fails(text: str, valkey: str, alices: Tenant, charlies: Tenant) -> None:
    spoil(charlies, text)
    for task in TASKS:
        import_string(task)()
    assert SmtpServer.objects.get(pk=alices.row_of(SmtpServer).pk).state == "VERIFIED"
