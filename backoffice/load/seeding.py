"""Fill a PostgreSQL database by SQL with white-labels, applications and millions of deliveries, of nobody real."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.backends.utils import CursorWrapper

from delivery.figures.recount import recount
from people.append_only import GUARD, LIFT
from people.models import User
from whitelabel.models import Application, WhiteLabel

SQL = Path(__file__).parent / "sql"
STEPS = (
    *("people", "white_labels", "domains", "messages", "suppressions", "mail", "emails", "deliveries", "attempts"),
    "audit",
)
COUNTED = {  # what is numbered from where the table ends: its name in the SQL, and the table
    "person": "people_user",
    "mailbox": "inbox_mailbox",
    "white_label": "whitelabel_whitelabel",
    "application": "whitelabel_application",
    "domain": "whitelabel_sendingdomain",
    "thread": "inbox_thread",
    "delivery": "delivery_delivery",
    "audit": "people_auditentry",
}
BUILT_AFTERWARDS = ("delivery_email", "delivery_delivery", "delivery_attempt")
MAIL_PER_SUPPRESSION, MAIL_PER_AUDIT_ENTRY, MAIL_PER_THREAD = 200, 50, 1000
ADMINS_OF_EACH, APPLICATIONS_PER_OWNER = 3, 2


@dataclass(frozen=True)
class Amounts:
    white_labels: int
    applications: int
    deliveries: int

    @property
    def parameters(self) -> dict[str, int]:
        """Return what the statements ask for; the rest is in proportion."""
        return {
            "white_labels": self.white_labels,
            "applications": self.applications,
            "deliveries": self.deliveries,
            "people": self.white_labels * (ADMINS_OF_EACH + 1) + self.applications // APPLICATIONS_PER_OWNER,
            "domains": self.white_labels * 10,
            "threads": max(self.white_labels, self.deliveries // MAIL_PER_THREAD),
            "suppressions": self.deliveries // MAIL_PER_SUPPRESSION,
            "audit_entries": self.deliveries // MAIL_PER_AUDIT_ENTRY,
        }


def holds_data() -> bool:
    """Return whether somebody or something is in the database already."""
    return any(model._default_manager.exists() for model in (User, WhiteLabel, Application))


def seed(amounts: Amounts, say: Callable[[str], None]) -> None:
    """Insert everything; not in one transaction, which nobody else would profit from. Says each step."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        parameters = amounts.parameters | {f"{name}_0": _last(cursor, table) for name, table in COUNTED.items()}
        cursor.execute((SQL / "functions.sql").read_text())
        with _indexes_built_afterwards(cursor, say), _log_unguarded(cursor):
            for step in STEPS:
                say(step.replace("_", " "))
                cursor.execute((SQL / f"{step}.sql").read_text(), parameters)
        for table in COUNTED.values():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
        cursor.execute("DROP TABLE load_mail, load_word")
        say("figures")
        recount()
        say("statistics")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET maintenance_work_mem")


def _last(cursor: CursorWrapper, table: str) -> int:
    cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
    return int(cursor.fetchone()[0])


@contextmanager
def _log_unguarded(cursor: CursorWrapper) -> Iterator[None]:
    """Let entries of the audit log be inserted many at once; they come as a chain that holds."""
    for statement in LIFT["postgresql"]:
        cursor.execute(statement)
    try:
        yield
    finally:
        for statement in GUARD["postgresql"]:
            cursor.execute(statement)


@contextmanager
def _indexes_built_afterwards(cursor: CursorWrapper, say: Callable[[str], None]) -> Iterator[None]:
    """Take down the indexes and references of the large tables, which are made in one go much faster."""
    cursor.execute(
        """SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
                  format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                         pg_get_constraintdef(oid))
           FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
           UNION ALL
           SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
           FROM pg_index WHERE NOT indisprimary AND indrelid = ANY(%s::regclass[])""",
        [list(BUILT_AFTERWARDS), list(BUILT_AFTERWARDS)],
    )
    both = cursor.fetchall()
    for drop, _ in both:
        cursor.execute(drop)
    try:
        yield
    finally:
        say("indexes")
        for _, build in reversed(both):
            cursor.execute(build)
