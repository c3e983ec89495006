"""The database's own log of deliveries that come to rest in a status, or leave it: triggers, which no writer forgets.

None fires for a message that is accepted, leased and sent. SQLite drops triggers when a migration makes their table
anew: one that alters `delivery_delivery` ends with `INSTALL`.
"""

from delivery.models import Delivery

Status = Delivery.Status
# In which a delivery is counted as long as it rests there; SENT, which nothing leaves, is counted from the attempts.
RESTING = (Status.DEFERRED, Status.HELD, Status.UNCERTAIN, Status.FAILED, Status.EXPIRED, Status.CANCELLED)
NAMES = f"({', '.join(repr(str(status)) for status in RESTING)})"
COLUMNS = "(hour, application, tenant, server_key, outcome, change)"

# What every message goes through is ruled out first, by two comparisons: SQLite makes a table of a list each time.
COMES = f"NEW.status <> '{Status.QUEUED}' AND NEW.status IN {NAMES}"
CHANGES = f"""NOT (OLD.status = '{Status.QUEUED}' AND NEW.status = '{Status.SENDING}')
    AND NOT (OLD.status = '{Status.SENDING}' AND NEW.status = '{Status.SENT}')
    AND (OLD.status <> NEW.status OR OLD.server_key <> NEW.server_key)
    AND (OLD.status IN {NAMES} OR NEW.status IN {NAMES})"""


def hour_sql(time: str) -> dict[str, str]:
    """Return SQL for the number of the hour of `time`, by vendor; SQLite reckons from its middle, lest it round."""
    return {
        "postgresql": f"floor(EXTRACT(EPOCH FROM {time}) / 3600)::bigint",
        "sqlite": f"CAST((julianday(substr({time}, 1, 13) || ':30') - 2440587.5) * 24 AS INTEGER)",
    }


def _written(row: str, change: int, vendor: str) -> str:
    """Return what logs where `row`, OLD or NEW, rests, if it does. PL/pgSQL asks by IF, which costs no statement."""
    hour, rests = hour_sql(f"{row}.accepted_at")[vendor], f"{row}.status IN {NAMES}"
    values = f"{hour}, COALESCE({row}.application_id, 0), {row}.tenant, {row}.server_key, {row}.status, {change}"
    insert = f"INSERT INTO delivery_statuschange {COLUMNS} SELECT {values}"
    return f"IF {rests} THEN {insert}; END IF;" if vendor == "postgresql" else f"{insert} WHERE {rests};"


FUNCTION = f"""CREATE FUNCTION delivery_log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'UPDATE' THEN {_written("OLD", -1, "postgresql")} END IF;
    {_written("NEW", 1, "postgresql")}
    RETURN NULL; END $$"""
LOG = "FOR EACH ROW WHEN ({}) EXECUTE FUNCTION delivery_log_change()"

INSTALL = {
    "postgresql": [
        FUNCTION,
        f"CREATE TRIGGER delivery_comes_to_rest AFTER INSERT ON delivery_delivery {LOG.format(COMES)}",
        f"""CREATE TRIGGER delivery_rests_elsewhere AFTER UPDATE OF status, server_key ON delivery_delivery
            {LOG.format(CHANGES)}""",
    ],
    "sqlite": [
        f"""CREATE TRIGGER delivery_comes_to_rest AFTER INSERT ON delivery_delivery WHEN {COMES}
            BEGIN {_written("NEW", 1, "sqlite")} END""",
        f"""CREATE TRIGGER delivery_rests_elsewhere AFTER UPDATE OF status, server_key ON delivery_delivery
            WHEN {CHANGES} BEGIN {_written("OLD", -1, "sqlite")} {_written("NEW", 1, "sqlite")} END""",
    ],
}
REMOVE = {
    "postgresql": [
        "DROP TRIGGER delivery_comes_to_rest ON delivery_delivery",
        "DROP TRIGGER delivery_rests_elsewhere ON delivery_delivery",
        "DROP FUNCTION delivery_log_change()",
    ],
    "sqlite": ["DROP TRIGGER delivery_comes_to_rest", "DROP TRIGGER delivery_rests_elsewhere"],
}
