"""Fill a suggestion into the form: what nobody typed is replaced, what somebody typed stays and is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from smtp_settings.choices import Security
from smtp_settings.discovery import Suggestion

PLACE = ("host", "port", "security")
EMPTY = ("", "587", Security.STARTTLS.value)  # what a new form shows
LABELS = {"host": "host", "port": "port", "security": "encryption", "username": "username"}


@dataclass(frozen=True)
class Filling:
    """`changes` are the fields to change; `kept` are those whose typed value differs from what is suggested.

    `suggested` are the values that came from a suggestion, so that the next one may replace them.
    """

    changes: Mapping[str, str]
    kept: tuple[str, ...]
    suggested: tuple[str, ...]


def fill(
    suggestion: Suggestion, typed: Mapping[str, str], suggested: tuple[str, ...], *, replace: bool = False
) -> Filling:
    """Say what `suggestion` changes; `suggested` is what the last one filled in. Host, port, security go together."""
    wanted = {
        "host": suggestion.host,
        "port": str(suggestion.port),
        "security": str(suggestion.security),
        "username": suggestion.username,
    }
    before = dict(zip(LABELS, suggested, strict=False))
    is_free = {
        **dict.fromkeys(PLACE, _values(typed, PLACE) in (EMPTY, ("", "", ""), _values(before, PLACE))),
        "username": typed.get("username", "") in ("", before.get("username", "")),
    }
    differing = [name for name in LABELS if typed.get(name, "") != wanted[name]]
    changes = {name: wanted[name] for name in differing if replace or is_free[name]}
    kept = tuple(name for name in differing if name not in changes and wanted[name])
    ours = {name: before.get(name, "") if name in kept else wanted[name] for name in LABELS}
    return Filling(changes, kept, tuple(ours.values()))


def _values(values: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(values.get(name, "") for name in names)
