"""A column of one of a few codes, which the database holds to: pages and tasks know each of them, and no other."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class ChoiceField(models.CharField):  # type: ignore[type-arg]
    """A text that is one of `choices`, or "" where it may be `blank`."""

    # A migration makes the check anew where the choices change (see also `postgresql`).
    non_db_attrs = tuple(name for name in models.CharField.non_db_attrs if name != "choices")

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        return self.check_of(connection.ops.quote_name(str(self.column)))

    def check_of(self, column: str) -> str:
        """Return the condition in SQL that a column of that quoted name holds one of the codes."""
        codes = [str(code) for code, _ in self.flatchoices] + [""] * self.blank
        quoted = ",".join("'{}'".format(code.replace("'", "''")) for code in codes)
        return f"{column} IN ({quoted})"
