"""A row that was written past the product, as by SQL, breaks no list that it is in, no other page and no worker."""

from typing import Any

import pytest
from django.db import connection, models
from django.test import Client

from delivery.models import Email
from gateway.models import ListFile
from people.audit_chain import verify
from people.models import AuditEntry, AuditHead, User
from smtp_settings.models import SmtpCheck
from smtp_settings.tasks import give_up_checks
from testing.walls.tenants import Tenant
from whitelabel.models import WhiteLabel

UNREADABLE = ["null", "7", '"text"', "9" * 5000, "[" * 900 + "]" * 900]
NO_CHANGES = [*UNREADABLE, "{}", "[7]", '[{"thing": 1}]', '[{"thing": "people.User 1", "field": [], "before": 1}]']
LISTS = {
    Email: ("tags", "/backoffice/deliveries/", "/whitelabel/deliveries/"),
    ListFile: ("summary", "/backoffice/import/", "/whitelabel/"),
    SmtpCheck: ("values", "/backoffice/", "/whitelabel/email/"),
}


def put(model: type[models.Model], column: str, json: str, pk: object) -> None:
    cast = "::jsonb" if connection.vendor == "postgresql" else ""
    row = model._meta.pk.get_db_prep_value(pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE {model._meta.db_table} SET "{column}" = %s{cast} WHERE id = %s', [json, row])
        assert cursor.rowcount == 1


def pages_of(person: User, *addresses: str) -> list[int]:
    client = Client()
    client.force_login(person)
    return [client.get(address).status_code for address in addresses]


@pytest.mark.parametrize("json", UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize("model", LISTS)
def test_json_that_is_none_of_ours_breaks_no_list(
    model: type[models.Model], json: str, visitors: dict[str, User], alices: Tenant
) -> None:
    column, owners, theirs = LISTS[model]
    put(model, column, json, alices.row_of(model).pk)
    assert pages_of(visitors["owner"], owners) == [200]
    assert pages_of(alices.person, theirs) == [200]


@pytest.mark.parametrize("json", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_check_that_is_none_of_ours_keeps_no_other_from_its_end(json: str, alices: Tenant, charlies: Tenant) -> None:
    SmtpCheck.objects.update(at="2020-01-01T00:00:00Z")
    for column in ("values", "steps", "change", "transcript"):
        put(SmtpCheck, column, json, charlies.row_of(SmtpCheck).pk)
    give_up_checks()
    assert not SmtpCheck.objects.unfinished().exists()


@pytest.mark.parametrize("json", NO_CHANGES, ids=range(len(NO_CHANGES)))
def test_an_entry_that_somebody_else_appended_breaks_no_list_and_is_found(
    json: str, visitors: dict[str, User], alices: Tenant
) -> None:
    append(json, alices.row_of(WhiteLabel).pk)
    assert pages_of(visitors["owner"], "/backoffice/audit/", "/backoffice/") == [200, 200]
    assert pages_of(alices.person, "/whitelabel/activity/") == [200]
    assert any("is not as it was written" in problem for problem in verify().problems)


def append(changes: str, white_label: int) -> None:
    """Append an entry as the triggers of the log allow it, by SQL."""
    cast = "::jsonb" if connection.vendor == "postgresql" else ""
    values: list[Any] = [white_label, changes, AuditHead.objects.get().digest, "0" * 64]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_auditentry (at, who, white_label_id, address, act, path, changes, previous, digest) "
            f"VALUES (CURRENT_TIMESTAMP, '', %s, '', 'act', '', %s{cast}, %s, %s)",
            values,
        )
    assert AuditEntry.objects.filter(act="act").count() == 1
