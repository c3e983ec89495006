"""Macros of SPF (RFC 7208 7): names that depend on the mail."""

import re
from collections.abc import Mapping
from urllib.parse import quote

NAME_MAX_CHARS = 253
_MACRO = re.compile(r"%\{([a-z])(\d*)(r?)([.\-+,/_=]*)\}|%([%_-])", re.IGNORECASE | re.ASCII)
_PLAIN = {"%": "%", "_": " ", "-": "%20"}


def expanded(text: str, values: Mapping[str, str]) -> str | None:
    """Return a valid domain-spec as a name; None where `values`, by letters in lower case, do not have what it names.

    Labels are taken off on the left until the name fits (RFC 7208 7.3).
    """
    if any(match[1] and match[1].lower() not in values for match in _MACRO.finditer(text)):
        return None
    name = _MACRO.sub(lambda match: _value(match, values), text).removesuffix(".").lower()
    while len(name) > NAME_MAX_CHARS and "." in name:
        name = name.partition(".")[2]
    return name


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    letter, count, reverse, delimiters, plain = match.groups()
    if plain:
        return _PLAIN[plain]
    parts = re.split(f"[{re.escape(delimiters or '.')}]", values[letter.lower()])
    if reverse:
        parts.reverse()
    value = ".".join(parts[-int(count) :] if count else parts)
    return quote(value, safe="") if letter.isupper() else value
