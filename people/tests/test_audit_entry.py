"""The audit log as it is stored: append-only, by the database's own guard too, and chained."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from people.audit import record
from people.audit_chain import verify
from people.models import AuditEntry, User
from phrases.phrase import Phrase


def statement(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_the_orm_changes_nothing_and_takes_nothing_out(owner: User) -> None:
    entry = record("domain.approve", person=owner)
    attempts: list[Callable[[], object]] = [
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(who="somebody else"),
        lambda: AuditEntry.objects.bulk_create([AuditEntry(act="forged")]),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()
    assert AuditEntry.objects.get().who == owner.email


COLUMNS = "at, who, address, act, path, changes, detail, person_id, white_label_id"
NEWEST, HEAD = "(SELECT max(id) FROM people_auditentry)", "(SELECT digest FROM people_audithead)"


def copied(how: str = "INSERT", row: str = "id", previous: str = "previous", after: str = "") -> str:
    """Return how to put a copy of the sign-in into the log, under the id `row` and behind `previous`."""
    values = f"{row}, {previous}, 'forged', {COLUMNS} FROM people_auditentry WHERE act = 'sign_in'"
    return f"{how} INTO people_auditentry (id, previous, digest, {COLUMNS}) SELECT {values} {after}"


BY_ANY = [
    "UPDATE people_auditentry SET who = 'nobody'",
    "DELETE FROM people_auditentry",
    copied(row="id + 1000"),
    copied(after="ON CONFLICT (id) DO UPDATE SET who = 'nobody'"),
    copied(row="id + 1000", after="ON CONFLICT (previous) DO UPDATE SET who = 'nobody'"),
    copied(row="id + 1000", previous="'somewhere'"),
    "UPDATE people_audithead SET digest = ''",
    "UPDATE people_audithead SET digest = (SELECT digest FROM people_auditentry WHERE act = 'sign_in')",
    "DELETE FROM people_audithead",
]
BY_SQLITE = [
    copied("REPLACE"),
    copied("INSERT OR REPLACE", "id + 1000"),
    copied("INSERT OR REPLACE", NEWEST, HEAD),
    "UPDATE OR REPLACE people_auditentry SET who = 'nobody'",
    "UPDATE OR IGNORE people_auditentry SET who = 'nobody'",
    "UPDATE OR FAIL people_auditentry SET id = id + 1",
    "REPLACE INTO people_audithead (id, digest) VALUES (1, '')",
]
BY_POSTGRESQL = [
    "TRUNCATE people_auditentry",
    "TRUNCATE people_audithead",
    "SET LOCAL session_replication_role = replica; UPDATE people_auditentry SET who = 'nobody'",
    "WITH gone AS (DELETE FROM people_auditentry RETURNING id) SELECT * FROM gone",
    "MERGE INTO people_auditentry USING people_audithead ON true WHEN MATCHED THEN UPDATE SET who = 'nobody'",
]


def refused_by_the_database(sql: str) -> None:
    for act in ("sign_in", "domain.approve", "sign_out"):
        record(act)
    before = list(AuditEntry.objects.values())
    with pytest.raises(DatabaseError):
        statement(sql)
    record("sign_in")
    assert list(AuditEntry.objects.values())[1:] == before
    assert not verify().problems


@pytest.mark.django_db
@pytest.mark.parametrize("sql", BY_ANY)
def test_the_database_refuses_it_as_well(sql: str) -> None:
    refused_by_the_database(sql)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="it is how SQLite says it")
@pytest.mark.django_db
@pytest.mark.parametrize("sql", BY_SQLITE)
def test_sqlite_replaces_nothing_in_it(sql: str) -> None:
    refused_by_the_database(sql)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("sql", BY_POSTGRESQL)
def test_postgresql_truncates_and_merges_nothing_in_it(sql: str) -> None:
    refused_by_the_database(sql)


@pytest.mark.django_db
def test_deleting_past_the_orm_is_refused_too() -> None:
    record("domain.approve")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all()._raw_delete("default")
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_what_is_put_at_the_end_by_hand_stops_nobody_and_is_found() -> None:
    record("sign_in")
    row = "id + 1" if connection.vendor == "sqlite" else "nextval('people_auditentry_id_seq')"
    statement(copied(row=row, previous=HEAD))
    record("sign_out")
    (problem,) = verify().problems
    assert problem.endswith("is not as it was written.")


@pytest.mark.django_db
def test_the_row_of_a_person_may_go_while_what_they_did_stays(alice: User) -> None:
    entry = record("domain.request", person=alice)
    gone = alice.pk
    User.objects.filter(pk=alice.pk).delete()
    entry.refresh_from_db()
    assert (entry.person_id, entry.who) == (gone, "alice@acme.test")
    assert not verify().problems


@pytest.mark.django_db
def test_each_entry_holds_the_digest_of_the_one_before_it() -> None:
    first, second = record("sign_in"), record("secrets.rotate", detail=Phrase("Done"))
    assert (first.previous, second.previous) == ("", first.digest)
    assert len({first.digest, second.digest}) == 2


@pytest.mark.django_db
def test_an_entry_goes_with_the_transaction_that_it_tells_of() -> None:
    record("sign_in")
    with transaction.atomic():
        record("domain.approve")
        transaction.set_rollback(True)
    record("sign_out")
    assert [entry.act for entry in AuditEntry.objects.order_by("pk")] == ["sign_in", "sign_out"]
    assert not verify().problems


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_do_not_fork_the_chain() -> None:
    def write(number: int) -> None:
        for _ in range(5):
            record("sign_in", who=f"writer {number}")
        connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    result = verify()
    assert (result.entries, result.problems) == (30, [])
