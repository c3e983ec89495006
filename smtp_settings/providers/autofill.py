"""Fill a suggestion into the form: what nobody typed is replaced, what somebody typed stays and is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from smtp_settings.choices import Auth, Security
from smtp_settings.providers.discovery import Suggestion

PLACE = ("host", "port", "security")
EMPTY = ("", "587", Security.STARTTLS.value)  # what a new form shows
LABELS = {
    "host": "host",
    "port": "port",
    "security": "encryption",
    "username": "username",
    "auth": "authentication",
    "token_source": "where tokens come from",
}


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
        "auth": suggestion.auth,
        "token_source": suggestion.token_source or typed.get("token_source", ""),
    }
    before = dict(zip(LABELS, suggested, strict=False))
    place_is_free = _values(typed, PLACE) in (EMPTY, ("", "", ""), _values(before, PLACE))
    is_free = {
        **dict.fromkeys(PLACE, place_is_free),
        "username": typed.get("username", "") in ("", before.get("username", "")),
        "auth": place_is_free and typed.get("auth", "") in ("", Auth.PASSWORD, before.get("auth", "")),
        "token_source": typed.get("token_source", "") in ("", before.get("token_source", "")),
    }
    differing = [name for name in LABELS if typed.get(name, "") != wanted[name]]
    changes = {name: wanted[name] for name in differing if replace or is_free[name]}
    kept = tuple(name for name in differing if name not in changes and wanted[name])
    ours = {name: before.get(name, "") if name in kept else wanted[name] for name in LABELS}
    return Filling(changes, kept, tuple(ours.values()))


def _values(values: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(values.get(name, "") for name in names)
