"""Finding what somebody changed in the audit log who could lift the database's guard."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from people.audit import record
from people.audit_chain import PROBLEMS_MAX, verify
from people.models import AuditEntry, User
from phrases.phrase import Phrase
from testing.audit_log import lifted_guard

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(owner: User) -> list[AuditEntry]:
    change = {"thing": "whitelabel.Application 7", "field": "owner", "before": "1", "after": "2"}
    return [
        record("sign_in", person=owner, address="192.0.2.1", path="/accounts/login/"),
        record("application.change_owner", person=owner, changes=[change]),  # type: ignore[list-item]
        record("secrets.rotate", who="manage.py rotate_secrets", detail=Phrase("%(count)s left", count=1)),
        record("sign_out", person=owner),
    ]


def run(*arguments: str) -> str:
    """Return what the command says, with what is wrong."""
    said = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=said, stderr=said)
    except CommandError as error:
        said.write(str(error))
    return said.getvalue()


def execute(sql: str, *values: str | int) -> None:
    with lifted_guard(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_log_holds(entries: list[AuditEntry]) -> None:
    assert "Every entry of the audit log holds (4 in all)." in run()
    assert entries[-1].digest in run()
    assert "does not hold" not in run("--contains", entries[1].digest)


def test_an_empty_log_holds() -> None:
    assert run() == "Every entry of the audit log holds (0 in all).\n"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("who", "somebody@else.test"), ("act", "sign_in"), ("address", "192.0.2.9"), ("path", "/"),
        ("person_id", "4711"), ("white_label_id", "7"), ("at", "2020-01-01 00:00:00+00:00"), ("changes", "[]"),
        ("detail", '{"message": "Done"}'),
    ],
)  # fmt: skip
def test_an_entry_that_was_changed_is_named(entries: list[AuditEntry], column: str, value: str) -> None:
    changed = entries[1]
    execute(f"UPDATE people_auditentry SET {column} = %s WHERE id = %s", value, changed.pk)
    assert run() == f"Entry {changed.pk} is not as it was written.\nThe audit log does not hold. Problems: 1"


def test_an_entry_whose_digest_was_made_to_fit_is_missed_by_the_next(entries: list[AuditEntry]) -> None:
    execute("UPDATE people_auditentry SET who = 'Eve' WHERE id = %s", entries[1].pk)
    forged = AuditEntry.objects.get(pk=entries[1].pk).compute_digest()
    execute("UPDATE people_auditentry SET digest = %s WHERE id = %s", forged, entries[1].pk)
    assert f"Entry {entries[2].pk} does not follow the one before it" in run()


def test_an_entry_that_was_taken_out_is_missed(entries: list[AuditEntry]) -> None:
    execute("DELETE FROM people_auditentry WHERE id = %s", entries[1].pk)
    assert f"Entry {entries[2].pk} does not follow the one before it" in run()


def test_what_was_taken_off_the_end_is_missed(entries: list[AuditEntry]) -> None:
    execute("DELETE FROM people_auditentry WHERE id >= %s", entries[2].pk)
    assert "The newest entry is missing" in run()


def test_a_head_that_names_an_older_entry_is_found(entries: list[AuditEntry]) -> None:
    execute("UPDATE people_audithead SET digest = %s", entries[1].digest)
    assert "The newest entry is missing" in run()


SPOILT = {
    "sqlite": [
        "DROP TRIGGER people_auditentry_no_update",
        "CREATE TRIGGER people_auditentry_no_delete BEFORE DELETE ON people_auditentry BEGIN SELECT 1; END",
        "CREATE TRIGGER spy AFTER INSERT ON people_auditentry BEGIN SELECT 1; END",
    ],
    "postgresql": [
        "DROP TRIGGER people_auditentry_append_only ON people_auditentry",
        "ALTER TABLE people_auditentry DISABLE TRIGGER people_auditentry_append_only",
        "ALTER TABLE people_auditentry DISABLE TRIGGER ALL",
        "ALTER TABLE people_auditentry ENABLE TRIGGER people_auditentry_append_only",
        "CREATE OR REPLACE FUNCTION people_audit_refuse() RETURNS trigger AS 'BEGIN RETURN NULL; END' LANGUAGE plpgsql",
        "CREATE TRIGGER spy BEFORE INSERT ON people_auditentry FOR EACH ROW EXECUTE FUNCTION people_audit_lead()",
    ],
}


@pytest.mark.parametrize("sql", SPOILT[connection.vendor])
def test_a_guard_that_was_lifted_or_changed_is_said(entries: list[AuditEntry], sql: str) -> None:
    with connection.cursor() as cursor:
        if "no_delete BEFORE" in sql:
            cursor.execute("DROP TRIGGER people_auditentry_no_delete")
        cursor.execute(sql)
    assert "The audit log does not hold." in run()
    assert "The trigger " in run()


def test_a_log_in_which_all_is_wrong_is_told_in_part() -> None:
    for number in range(PROBLEMS_MAX + 20):
        record("sign_in", who=str(number))
    execute("UPDATE people_auditentry SET who = 'Eve'")
    assert len(verify().problems) == PROBLEMS_MAX


def test_a_log_that_was_written_anew_lacks_a_digest_kept_elsewhere(entries: list[AuditEntry]) -> None:
    kept_elsewhere = entries[-1].digest
    execute("DELETE FROM people_auditentry")
    execute("DELETE FROM people_audithead")
    record("sign_in", who="Eve")
    assert "Every entry of the audit log holds (1 in all)." in run()
    assert "No entry has the digest that you gave" in run("--contains", kept_elsewhere)
