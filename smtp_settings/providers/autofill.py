"""Fill a suggestion into the form: what nobody typed is replaced, what somebody typed stays and is named."""

from collections.abc import Mapping
from dataclasses import dataclass

from smtp_settings.choices import Auth, Security
from smtp_settings.providers.discovery import Suggestion

ENDPOINT = ("host", "port", "security")
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
class Autofill:
    """`changes` are the fields to change; `conflicts` are those whose typed value differs from what is suggested.

    `suggested` are the values that came from a suggestion, so that the next one may replace them.
    """

    changes: Mapping[str, str]
    conflicts: tuple[str, ...]
    suggested: tuple[str, ...]


def fill(
    suggestion: Suggestion, typed: Mapping[str, str], suggested: tuple[str, ...], *, replace: bool = False
) -> Autofill:
    """Return what `suggestion` changes; `suggested` is what the last one filled in.

    Host, port and security are replaced together or not at all.
    """
    values = {
        "host": suggestion.host,
        "port": str(suggestion.port),
        "security": str(suggestion.security),
        "username": suggestion.username,
        "auth": suggestion.auth,
        "token_source": suggestion.token_source or typed.get("token_source", ""),
    }
    before = dict(zip(LABELS, suggested, strict=False))
    endpoint_is_free = _values(typed, ENDPOINT) in (EMPTY, ("", "", ""), _values(before, ENDPOINT))
    is_free = {
        **dict.fromkeys(ENDPOINT, endpoint_is_free),
        "username": typed.get("username", "") in ("", before.get("username", "")),
        "auth": endpoint_is_free and typed.get("auth", "") in ("", Auth.PASSWORD, before.get("auth", "")),
        "token_source": typed.get("token_source", "") in ("", before.get("token_source", "")),
    }
    differing = [name for name in LABELS if typed.get(name, "") != values[name]]
    changes = {name: values[name] for name in differing if replace or is_free[name]}
    conflicts = tuple(name for name in differing if name not in changes and values[name])
    ours = {name: before.get(name, "") if name in conflicts else values[name] for name in LABELS}
    return Autofill(changes, conflicts, tuple(ours.values()))


def _values(values: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(values.get(name, "") for name in names)
