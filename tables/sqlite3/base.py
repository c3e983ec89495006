"""Columns that hold what their type says. A column of SQLite else holds anything, such as a text in place of a time.

The checks are part of each column that a migration makes, also of a library. Times are stored as Django writes them.
No comma is followed by a blank: where Django reads such a table, columns are parted by these.
"""

from django.db.backends.sqlite3 import base

from tables.times import FIRST_DAY, FIRST_TIME, LAST_DAY, LAST_TIME


def _typed(kind: str, *also: str) -> str:
    """Return a condition that holds for NULL, and for values of SQLite's `kind` for which `also` holds."""
    conditions = [f"""typeof("%(column)s") = '{kind}'""", *also]
    return f'"%(column)s" IS NULL OR ({" AND ".join(conditions)})'


WHOLE = _typed("integer")
NOT_NEGATIVE = _typed("integer", '"%(column)s" >= 0')
TEXT = _typed("text")
# SQLite's functions read more than is a day, as 30 February, and write which day that is: it must be the same. Of the
# parts of a second they know three, and round. "+00:00" is how people write what is stored without.
SECOND, REST = 'substr("%(column)s",1,19)', 'substr("%(column)s",20)'
PART = f"({REST} GLOB '.[0-9]*' AND substr({REST},2) NOT GLOB '*[^0-9]*' AND length({REST}) <= 7)"
TIME = _typed(
    "text",
    f"datetime({SECOND},'+0 days') IS {SECOND}",
    f"({REST} IN ('','+00:00') OR {PART})",
    f""""%(column)s" BETWEEN '{FIRST_TIME}' AND '{LAST_TIME}~'""",
)


class DatabaseWrapper(base.DatabaseWrapper):
    data_type_check_constraints = {
        **base.DatabaseWrapper.data_type_check_constraints,
        "BigIntegerField": WHOLE,
        "IntegerField": WHOLE,
        "SmallIntegerField": WHOLE,
        "PositiveBigIntegerField": NOT_NEGATIVE,
        "PositiveIntegerField": NOT_NEGATIVE,
        "PositiveSmallIntegerField": NOT_NEGATIVE,
        "BooleanField": '"%(column)s" IN (0,1)',
        "FloatField": _typed("real", 'abs("%(column)s") <= 1.7976931348623157e308'),
        "BinaryField": _typed("blob"),
        "CharField": TEXT,
        "SlugField": TEXT,
        "TextField": TEXT,
        "UUIDField": _typed("text", """length("%(column)s") = 32""", """"%(column)s" NOT GLOB '*[^0-9a-f]*'"""),
        "DateField": _typed(
            "text",
            """date("%(column)s",'+0 days') IS "%(column)s\"""",
            f""""%(column)s" BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}'""",
        ),
        "DateTimeField": TIME,
    }
