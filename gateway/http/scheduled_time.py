"""When a mail is to leave: ISO 8601, or the few words that people type in their place. All in UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

MAX_CHARS = 100
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COMES_AGAIN: dict[str | None, timedelta] = {None: timedelta(days=1)} | dict.fromkeys(WEEKDAYS, timedelta(weeks=1))
AHEAD = re.compile(
    r"in (?P<count>\d{1,7}|an?|one) ?(?P<unit>s|m|h|d|w)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?\Z"
)
ON_A_DAY = re.compile(
    rf"(?:(?:on |next )?(?P<day>today|tomorrow|{'|'.join(WEEKDAYS)}) ?)?"
    r"(?:at (?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>am|pm)?)?\Z"
)
ADVICE = "Give a time such as 2026-08-05T11:52:01Z, “in 1 min”, “in 2 hours” or “tomorrow at 9am” (UTC)."


def read(text: str) -> datetime:
    """Return the time that `text` means, aware. Raises `ValidationError` for "scheduled_at"."""
    words = " ".join(text.lower().split())
    try:
        found = _iso(text.strip()) or _ahead(words) or _on_a_day(words)
    except (ValueError, OverflowError):
        found = None
    if found is None or len(text) > MAX_CHARS:
        raise ValidationError({"scheduled_at": ADVICE})
    return found


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _ahead(words: str) -> datetime | None:
    if words == "now":
        return timezone.now()
    if not (match := AHEAD.match(words)):
        return None
    count = int(match["count"]) if match["count"].isdigit() else 1
    return timezone.now() + timedelta(**{UNITS[match["unit"]]: count})


def _on_a_day(words: str) -> datetime | None:
    """Return the next time that it is so late, or that such a day is so late; without an hour, as late as it is now."""
    match = ON_A_DAY.match(words)
    if not match or not words:
        return None
    now = timezone.now()
    clock = _clock(match["hour"], match["minute"], match["half"]) if match["hour"] else now.time()
    at = datetime.combine(_day(match["day"], now.date()), clock, UTC)
    return at + COMES_AGAIN.get(match["day"], timedelta()) if at < now else at


def _clock(hour: str, minute: str | None, half: str | None) -> time:
    if half and not 1 <= int(hour) <= 12:
        raise ValueError(hour)
    return time(int(hour) % 12 + 12 * (half == "pm") if half else int(hour), int(minute or 0))


def _day(name: str | None, today: date) -> date:
    if name in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS.index(name) - today.weekday()) % 7)
    return today + timedelta(days=int(name == "tomorrow"))
