"""Migrate the database and add the demo, in a process of its own: the one that watches the others stays small."""

import re
from pathlib import Path
from typing import NoReturn

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

from backoffice.development.progress import say
from backoffice.environment import stop

OF_ANOTHER_VERSION = re.compile(
    "no such (table|column)|duplicate column"  # SQLite
    "|(table|relation|column|index|constraint) .*(already exists|does not exist)",
    re.IGNORECASE,
)


def main() -> None:
    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        strange = table_that_differs()
    except InconsistentMigrationHistory as error:
        refuse(str(error))
    except DatabaseError as error:
        if not OF_ANOTHER_VERSION.search(str(error)):
            raise
        refuse(str(error))
    if strange:
        refuse(f"table {strange} has other columns")
    say("Adding the demo data")
    call_command("demo")
    call_command("demo_key")


def table_that_differs() -> str:
    """Return a table whose columns the migrations tell otherwise: they were rewritten after they had been applied."""
    models = MigrationLoader(connection).project_state().apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for options in (model._meta for model in models if model._meta.can_migrate(connection)):
            columns = {
                column.name for column in connection.introspection.get_table_description(cursor, options.db_table)
            }
            if columns != {field.column for field in options.local_concrete_fields}:
                return options.db_table
    return ""


def refuse(why: str) -> NoReturn:
    reason = why.splitlines()[0].removesuffix(".")
    if Path(connection.settings_dict["NAME"]).parent != settings.VAR_DIR:
        stop(f"another version made the database that DATABASE_URL names ({reason}). Name an empty one.")
    stop(
        f"another version made the data in {settings.VAR_DIR} ({reason}). "
        "Delete that folder to begin anew, or choose another one with VAR_DIR."
    )


if __name__ == "__main__":
    main()
