"""The owner exports the audit log: what the list holds with its filters, as a stream, and that is an entry too."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.owner_console import audit
from people.audit import record
from people.models import AuditEntry, User
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db
EXPORT = "/backoffice/audit/export/"


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    record("sign_in", who="alice@acme.test", path="=cmd|'/c calc'!A0")
    record("sign_in", who="bob@acme.test")
    return client


def test_what_the_filters_leave_is_exported(owners_client: Client) -> None:
    answer = owners_client.post(f"{EXPORT}?q=alice", {"format": "jsonl"})
    assert [json.loads(line)["who"] for line in answer.getvalue().splitlines()] == ["alice@acme.test"]
    assert answer["Content-Disposition"] == 'attachment; filename="audit.jsonl"'
    assert answer.streaming


def test_csv_opens_in_a_spreadsheet_without_running_anything(owners_client: Client) -> None:
    text = owners_client.post(EXPORT, {"format": "csv"}).getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["who"] for row in rows[:2]] == ["alice@acme.test", "bob@acme.test"]
    assert rows[0]["path"] == "'=cmd|'/c calc'!A0"


@pytest.mark.parametrize("query", ["", "?q=alice"])
def test_it_is_not_counted_before(query: str, owners_client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        owners_client.post(f"{EXPORT}{query}", {"format": "jsonl"}).getvalue()
    assert not [each["sql"] for each in asked if "COUNT(*)" in each["sql"]]


def test_that_it_was_exported_is_an_entry(owners_client: Client, owner: User) -> None:
    owners_client.post(f"{EXPORT}?q=alice", {"format": "csv"})
    entry = AuditEntry.objects.get(act="audit.export")
    assert entry.detail is not None
    assert (entry.who, str(entry.detail)) == (owner.email, "As csv, with these filters: q=alice")
    assert "Export the audit log" in owners_client.get("/backoffice/audit/").content.decode()


def test_nothing_else_is_an_export(owners_client: Client) -> None:
    assert owners_client.get(EXPORT).status_code == 405
    assert owners_client.post(EXPORT, {"format": "xlsx"}).status_code == 400
    assert owners_client.post(f"{EXPORT}?at__range=x", {"format": "csv"}).status_code == 400
    assert not AuditEntry.objects.filter(act="audit.export").exists()


def test_a_white_labels_admin_exports_nothing(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    assert client.post(EXPORT, {"format": "csv"}).status_code in (302, 403)


def test_a_search_looks_through_the_newest_and_says_so(owners_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Looked back to"
    assert said not in owners_client.get("/backoffice/audit/?q=alice").content.decode()
    monkeypatch.setattr(audit, "SEARCHED_MOST", 1)
    page = owners_client.get("/backoffice/audit/?q=alice")
    assert said in page.content.decode()
    assert not page.context["cl"].result_count
    assert said not in owners_client.get("/backoffice/audit/").content.decode()
    assert b"alice" in owners_client.post(f"{EXPORT}?q=alice", {"format": "jsonl"}).getvalue()
