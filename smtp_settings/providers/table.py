"""Read `providers.toml` and judge it: a table that cannot be used stops the start with a sentence."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from smtp_settings.choices import Auth, TokenSource
from smtp_settings.network.address_policy import WHITE_LABEL_PORTS
from smtp_settings.providers.provider import (
    IMPLICIT_TLS_PORTS,
    STARTTLS_PORTS,
    DatedWarning,
    Hint,
    Provider,
    Region,
    UsernameKind,
)

FILE = Path(__file__).with_name("providers.toml")
OF_ITS_REGION = ("host", "domains", "mx")
HINTED_FIELDS = ("username", "password")
NAME = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
TYPES: dict[str, type] = {"day": date, "blocks": bool, "daily_limit": int, "connections": int}
LISTS: dict[str, type] = {
    "domains": str,
    "mx": str,
    "notes": str,
    "ports": int,
    "regions": dict,
    "hints": dict,
    "warnings": dict,
}


class BrokenTable(ImproperlyConfigured):
    """Says which provider's table cannot be used, and why."""


def load(text: str) -> tuple[Provider, ...]:
    """Return the providers in the order of the tables; raises `BrokenTable`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenTable(f"providers.toml cannot be read: {error}.") from error
    providers = tuple(_provider(key, table) for key, table in tables.items())
    _refuse_doubles("name", [provider.name for provider in providers])
    _refuse_doubles("domain", [domain for provider in providers for domain in _names(provider, "domains")])
    return providers


def _provider(key: str, table: dict[str, Any]) -> Provider:
    try:
        provider = _read(key, table)
    except KeyError as error:
        raise BrokenTable(f"providers.toml: {key} lacks {error.args[0]}.") from error
    except (TypeError, ValueError) as error:
        raise BrokenTable(f"providers.toml: {key} has a wrong entry: {error}.") from error
    for mistake in _mistakes(provider):
        raise BrokenTable(f"providers.toml: {key} {mistake}.")
    return provider


def _read(key: str, table: dict[str, Any]) -> Provider:
    values = _typed(table)
    only = {"key": "", "name": "", **{name: values.pop(name) for name in OF_ITS_REGION if name in values}}
    regions = [_typed(region) for region in values.pop("regions", [])] or [only]
    warnings = [_typed(warning) for warning in values.pop("warnings", [])]
    return Provider(
        key=key,
        regions=tuple(Region(**region) for region in regions),
        username_kind=UsernameKind(values.pop("username_kind")),
        hints=tuple(Hint(**_typed(hint)) for hint in values.pop("hints", [])),
        warnings=tuple(DatedWarning(since=warning.pop("from"), **warning) for warning in warnings),
        **values,
    )


def _typed(table: dict[str, Any]) -> dict[str, Any]:
    """Return the entries with lists as tuples; raises `TypeError` for one of another type than it must be."""
    for name, value in table.items():
        wanted, values = (LISTS[name], value) if name in LISTS else (TYPES.get(name, str), [value])
        if not isinstance(values, list) or any(type(one) is not wanted for one in values):
            raise TypeError(f"{name} is of another type than it must be")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def _mistakes(provider: Provider) -> Iterator[str]:
    """Return what is wrong with a provider, as the ends of sentences that begin with its key."""
    wrong = {
        "has a host or a domain that is no name": not all(
            re.fullmatch(NAME, name) for name in (*_names(provider, "domains"), *(r.host for r in provider.regions))
        ),
        "has a mail exchanger that is no name": not all(
            re.fullmatch(rf"(?:\*\.)?{NAME}", name) for name in _names(provider, "mx")
        ),
        "has two regions of one key": len({region.key for region in provider.regions}) < len(provider.regions),
        "has a port whose security is not known": not {*provider.ports} <= {*IMPLICIT_TLS_PORTS, *STARTTLS_PORTS},
        "has no port that white-labels may use": not {*provider.ports} & {*WHITE_LABEL_PORTS},
        "does not say its username": provider.username_kind != UsernameKind.ADDRESS and not provider.username,
        "has no https page of help": not provider.help.startswith("https://"),
        "names an unknown source of tokens": provider.token_source not in ("", *TokenSource.values),
        "has a hint for an unknown field": any(hint.field not in HINTED_FIELDS for hint in provider.hints),
        "has a hint whose shape is no regular expression": not all(map(_compiles, provider.hints)),
        "has a warning for an unknown sign-in": any(one.auth not in ("", *Auth.values) for one in provider.warnings),
    }
    return (sentence for sentence, applies in wrong.items() if applies)


def _names(provider: Provider, what: str) -> list[str]:
    return [name for region in provider.regions for name in getattr(region, what)]


def _compiles(hint: Hint) -> bool:
    try:
        return bool(re.compile(hint.shape))
    except re.error:
        return False


def _refuse_doubles(what: str, names: Sequence[str]) -> None:
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise BrokenTable(f"providers.toml: the {what} {doubles[0]} is there twice.")
