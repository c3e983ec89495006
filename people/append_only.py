"""The database's own guard of the audit log: triggers that refuse to change an entry, take one out or put one between.

They stop mistakes, and whoever can send statements only. Whoever may alter the tables can lift them (`LIFT`); what is
changed then breaks the chain of digests (`people.audit_chain`), and `gaps` says what of the guard is missing.

What is inserted can only follow the newest entry, and becomes the newest; the head moves in no other way.

SQLite drops triggers when a migration makes their table anew: one that alters `people_auditentry` ends with `GUARD`.
"""

import re
from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "The audit log is append-only."
FOLLOWS = "SELECT 1 FROM people_auditentry WHERE previous = OLD.digest AND digest = NEW.digest"
LEAD = "UPDATE people_audithead SET digest = NEW.digest WHERE id = 1 AND digest = NEW.previous;"

# PostgreSQL has triggers for statements, which fire where no row is met, for TRUNCATE and any kind of upsert. They
# stand as the server spells them, so that `gaps` can compare; ALWAYS has them fire in a replica's session, too.
FUNCTIONS = {
    "people_audit_refuse": f"BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END",
    "people_audit_lead": f"""BEGIN {LEAD}
        IF NOT FOUND THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END IF;
        RETURN NULL; END""",
    "people_audit_follow": f"""BEGIN IF EXISTS ({FOLLOWS}) THEN RETURN NEW; END IF;
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END""",
}
ON_POSTGRESQL = {
    "people_auditentry_append_only": "BEFORE DELETE OR UPDATE OR TRUNCATE ON people_auditentry FOR EACH STATEMENT "
    "EXECUTE FUNCTION people_audit_refuse()",
    "people_auditentry_lead": "AFTER INSERT ON people_auditentry FOR EACH ROW EXECUTE FUNCTION people_audit_lead()",
    "people_audithead_kept": "BEFORE DELETE OR TRUNCATE ON people_audithead FOR EACH STATEMENT "
    "EXECUTE FUNCTION people_audit_refuse()",
    "people_audithead_follows": "BEFORE UPDATE ON people_audithead FOR EACH ROW EXECUTE FUNCTION people_audit_follow()",
}
# SQLite has triggers for rows, and `INSERT OR REPLACE` fires none for the row that it takes out.
ABORT = f"SELECT RAISE(ABORT, '{REFUSAL}')"
SAME = "SELECT 1 FROM people_auditentry WHERE id = NEW.id"
ANY = "SELECT 1 FROM people_audithead"
ON_SQLITE = {
    "people_auditentry_no_update": f"BEFORE UPDATE ON people_auditentry BEGIN {ABORT}; END",
    "people_auditentry_no_delete": f"BEFORE DELETE ON people_auditentry BEGIN {ABORT}; END",
    "people_auditentry_no_replace": f"BEFORE INSERT ON people_auditentry WHEN EXISTS ({SAME}) BEGIN {ABORT}; END",
    "people_auditentry_lead": f"AFTER INSERT ON people_auditentry BEGIN {LEAD} {ABORT} WHERE changes() = 0; END",
    "people_audithead_no_delete": f"BEFORE DELETE ON people_audithead BEGIN {ABORT}; END",
    "people_audithead_no_replace": f"BEFORE INSERT ON people_audithead WHEN EXISTS ({ANY}) BEGIN {ABORT}; END",
    "people_audithead_follows": f"BEFORE UPDATE ON people_audithead WHEN NOT EXISTS ({FOLLOWS}) BEGIN {ABORT}; END",
}


def _table(what: str) -> str:
    """Return the table that a trigger is on."""
    return what.partition(" ON ")[2].partition(" ")[0]


GUARD = {
    "postgresql": [
        *(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
            for name, body in FUNCTIONS.items()
        ),
        *(f"CREATE TRIGGER {name} {what}" for name, what in ON_POSTGRESQL.items()),
        *(f"ALTER TABLE {_table(what)} ENABLE ALWAYS TRIGGER {name}" for name, what in ON_POSTGRESQL.items()),
    ],
    "sqlite": [f"CREATE TRIGGER {name} {what}" for name, what in ON_SQLITE.items()],
}
LIFT = {
    "postgresql": [
        *(f"DROP TRIGGER {name} ON {_table(what)}" for name, what in ON_POSTGRESQL.items()),
        *(f"DROP FUNCTION {name}()" for name in FUNCTIONS),
    ],
    "sqlite": [f"DROP TRIGGER {name}" for name in ON_SQLITE],
}

THERE = {
    "postgresql": """SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true), tgenabled = 'A', prosrc
        FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid IN ('people_auditentry'::regclass, 'people_audithead'::regclass) AND NOT tgisinternal""",
    "sqlite": """SELECT name, sql, true, '' FROM sqlite_master
        WHERE type = 'trigger' AND tbl_name IN ('people_auditentry', 'people_audithead')""",
}


def gaps(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield a sentence for each trigger of the guard that does not stand as it was made, and each that is not ours."""
    wanted = ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE
    with connection.cursor() as cursor:
        cursor.execute(THERE[connection.vendor])
        there = {name: found for name, *found in cursor.fetchall()}
    for name, what in wanted.items():
        if name not in there:
            yield f"The trigger {name} is missing: the database does not guard the log."
        elif there[name] != [f"CREATE TRIGGER {name} {what}", True, _body(what)]:
            yield f"The trigger {name} is switched off or not as it was made: the database does not guard the log."
    for name in sorted(set(there) - set(wanted)):
        yield f"The trigger {name} is not the product's: it may change what is written to the log."


def _body(what: str) -> str:
    """Return what the function of a trigger does, as PostgreSQL keeps it; "" on SQLite, which has none."""
    name = re.search(r"EXECUTE FUNCTION (\w+)", what)
    return f" {FUNCTIONS[name[1]]} " if name else ""
