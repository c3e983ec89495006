"""The database's own guard of the audit log: triggers that refuse to change an entry or take one out.

They stop mistakes, and whoever can send statements only. Whoever may alter the table can lift them (`LIFT`); what is
changed then breaks the chain of digests (`people.audit_chain`).

SQLite drops triggers when a migration makes their table anew: one that alters `people_auditentry` ends with `GUARD`.
"""

REFUSAL = "The audit log is append-only."

# PostgreSQL has one trigger for statements, which TRUNCATE fires too. SQLite has no TRUNCATE.
GUARD = {
    "postgresql": [
        f"""CREATE FUNCTION people_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
        """CREATE TRIGGER people_auditentry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON people_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION people_auditentry_refuse()""",
    ],
    "sqlite": [
        f"""CREATE TRIGGER people_auditentry_no_{act} BEFORE {act} ON people_auditentry
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
        for act in ("UPDATE", "DELETE")
    ],
}
LIFT = {
    "postgresql": [
        "DROP TRIGGER people_auditentry_append_only ON people_auditentry",
        "DROP FUNCTION people_auditentry_refuse()",
    ],
    "sqlite": [f"DROP TRIGGER people_auditentry_no_{act}" for act in ("UPDATE", "DELETE")],
}
