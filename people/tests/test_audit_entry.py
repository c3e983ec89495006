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


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["UPDATE people_auditentry SET who = 'nobody'", "DELETE FROM people_auditentry"])
def test_the_database_refuses_it_as_well(sql: str) -> None:
    entry = record("domain.approve")
    with pytest.raises(DatabaseError, match="append-only"):
        statement(sql)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all()._raw_delete("default")
    assert AuditEntry.objects.get() == entry


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_refuses_to_truncate_it() -> None:
    record("domain.approve")
    with pytest.raises(DatabaseError, match="append-only"):
        statement("TRUNCATE people_auditentry")


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
