"""The time zones that people may choose: the names of the IANA database that stand for a place."""

from datetime import tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

UTC = "UTC"
NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@cache
def names() -> tuple[str, ...]:
    """Return every name that is offered, in order, UTC first."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))
    return (UTC, *sorted(places))


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in names()}


def is_known(name: str) -> bool:
    return name in names()


def spelled(typed: str) -> str:
    """Return the name that was typed as the database spells it ("europe/new york" is none); as typed where unknown."""
    return _by_lower_case().get(typed.strip().replace(" ", "_").lower(), typed)


def zone(name: str) -> tzinfo:
    """Return the zone of a stored name; UTC for one that a newer database does not have any more."""
    return ZoneInfo(name if is_known(name) else UTC)
