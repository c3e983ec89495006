"""Cut JSON out of a paste, in time that grows with its length only, and at a bounded depth (RFC 8259)."""

import json
from collections.abc import Iterator
from typing import Any

DEPTH_MAX = 40
LOOKS = 8  # in all, as many letters are looked at as this many pastes have


def split(text: str) -> Iterator[tuple[str, Any]]:
    """Yield ("", line) for each line outside of JSON, and (its text, the value) for each object or list."""
    at, budget = 0, LOOKS * len(text)
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        start = at + len(text[at:end]) - len(text[at:end].lstrip())
        if start < end and text[start] in "{[" and budget > 0:
            close = _close(text, start, start + budget)
            budget -= abs(close) - start
            value = _parsed(text[start : close + 1]) if close > 0 else None
            if value is not None:
                yield text[start : close + 1], value
                at = close + 1
                continue
        yield "", text[at:end]
        at = end + 1


def _close(text: str, start: int, until: int) -> int:
    """Return where what opens at `start` is closed; negative where that is not before `until`, or nested too deep."""
    depth, quoted, at = 0, False, start
    until = min(until, len(text))
    while at < until:
        letter = text[at]
        if quoted:
            at += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            depth += 1
            if depth > DEPTH_MAX:
                return -at
        elif letter in "}]":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -until


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None
