"""Columns that hold what Python can read and compute with: no infinite times, no year that it does not know, no NaN.

PostgreSQL's types refuse everything else. The checks are part of each column that a migration makes, also of a library.
"""

from django.db.backends.postgresql import base

from tables.times import FIRST_DAY, FIRST_TIME, LAST_DAY, LAST_TIME


class DatabaseWrapper(base.DatabaseWrapper):
    data_type_check_constraints = {
        **base.DatabaseWrapper.data_type_check_constraints,
        "DateTimeField": f""""%(column)s" BETWEEN '{FIRST_TIME}+00' AND '{LAST_TIME}+00'""",
        "DateField": f""""%(column)s" BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}'""",
        "FloatField": """"%(column)s" > '-Infinity' AND "%(column)s" < 'Infinity'""",
    }
