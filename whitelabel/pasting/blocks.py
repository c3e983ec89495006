"""Cut JSON (RFC 8259), object literals and YAML out of a paste, in linear time and at a bounded depth."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

DEPTH_MAX = 40
LOOKS = 8  # in all, as many letters are looked at as this many pastes have
_YAML_LINE = re.compile(r"(?:- )?(?:[\w'\"@*.\-{}]*\s?:(?:\s.*)?|#.*|---.*|\.\.\.)|- .*")
_YAML_TYPE = re.compile(r"(?:\S+: )?['\"]?\w*type['\"]?\s?:\s{0,9}['\"]?(?:TXT|CNAME|MX)\b", re.IGNORECASE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def split(text: str) -> Iterator[tuple[str, Any]]:
    """Yield ("", line) for each line outside of such blocks, and (its text, the value) for each block."""
    lines: list[str] = []
    for part, value in _objects(text):
        if part:
            yield from _documents(lines)
            lines = []
            yield part, value
        else:
            lines.append(value)
    yield from _documents(lines)


def _objects(text: str) -> Iterator[tuple[str, Any]]:
    """Cut out objects and lists in brackets that begin a line."""
    at, budget = 0, LOOKS * len(text)
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        start = _start(text, at, end)
        if start < end and budget > 0:
            close = _close(text, start, start + budget)
            budget -= abs(close) - start
            value = _parsed(text[start : close + 1]) if close > 0 else None
            if value is not None:
                if text[at:start].strip():
                    yield "", text[at:start]
                yield text[start : close + 1], value
                at = close + 1
                continue
        yield "", text[at:end]
        at = end + 1


def _start(text: str, at: int, end: int) -> int:
    """Return where an object begins on a line: at its start, or further on as in a command; `end` where none does."""
    start = at + len(text[at:end]) - len(text[at:end].lstrip())
    if start < end and text[start] in "{[":
        return start
    inside = text.find('{"', start, end)
    return inside if inside > 0 else end


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
    """Return the value of JSON, or of a literal of JavaScript or Python, which YAML reads as well."""
    try:
        value = json.loads(text)
    except ValueError:
        value = _yaml(_TRAILING_COMMA.sub(r"\1", text)) if ":" in text and "{" in text else None
    return value if isinstance(value, dict | list) else None


def _documents(lines: list[str]) -> Iterator[tuple[str, Any]]:
    """Cut out runs of lines that are written as YAML and give a type to something."""
    run: list[str] = []
    for line in lines:
        bare = line.strip()
        if not bare or line[0].isspace() or _YAML_LINE.fullmatch(bare):
            run.append(line)
        else:
            yield from _document(run)
            run = []
            yield "", line
    yield from _document(run)


def _document(run: list[str]) -> Iterator[tuple[str, Any]]:
    text = "\n".join(run)
    value = _yaml(text) if any(map(_gives_type, run)) else None
    if value is not None:
        yield text, value
    else:
        yield from (("", line) for line in run)


def _gives_type(line: str) -> bool:
    """Return whether a line gives a type to something that it is nested in."""
    bare = line.lstrip("- \t")
    return bare != line and _YAML_TYPE.match(bare) is not None


def _yaml(text: str) -> Any:
    """Return the value of YAML 1.1, all scalars as text; None where it is none, has aliases or a key twice."""
    stack: list[_Node] = [_Node()]
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or len(stack) > DEPTH_MAX:
                return None
            if isinstance(event, yaml.ScalarEvent):
                stack[-1].items.append(event.value)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                stack.append(_Node(is_object=isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                done = stack.pop()
                stack[-1].items.append(done.value)
    except (yaml.YAMLError, _NoTree):
        return None
    value = stack[0].items[0] if len(stack[0].items) == 1 else stack[0].items
    return value if isinstance(value, dict | list) and value else None


class _NoTree(Exception):
    """A key that is there twice, or no text."""


class _Node:
    """A list, or the keys and values of an object by turns, while it is filled."""

    def __init__(self, *, is_object: bool = False) -> None:
        self.is_object, self.items = is_object, list[Any]()

    @property
    def value(self) -> dict[str, Any] | list[Any]:
        if not self.is_object:
            return self.items
        keys, values = self.items[::2], self.items[1::2]
        if not all(isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
            raise _NoTree
        return dict(zip(keys, values, strict=True))
