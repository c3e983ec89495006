"""Which times a column may hold: Python knows the years 1 to 9999, and pages add days and the hours of zones."""

FIRST_TIME, LAST_TIME = "1000-01-01 00:00:00", "8999-12-31 23:59:59"
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"  # whatever a form takes
