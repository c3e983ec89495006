"""Read lines of a zone file (RFC 1035 5.1): owner, lifetime, class, type, data; quotes, parentheses, comments."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whitelabel.pasting.result import KNOWN, SUPPORTED, Raw, Unread, is_plausible, unsupported

LINES_MAX = 20  # of one record in parentheses
JOINED = "The {count} quoted strings were joined into one value."
UNQUOTED = "In a zone file this text needs quotes; it is read to the end of the line."
_LIFETIME = re.compile(r"\d{1,10}(?:[smhdwSMHDW]\d{0,9})*[smhdwSMHDW]?")
_ESCAPED = re.compile(r"\\(\d{3}|.)")


@dataclass(frozen=True)
class ZoneLine:
    """The head of a line. `certain` where only a zone file is written so."""

    owner: str
    type: str
    rest: str
    certain: bool


@dataclass(frozen=True)
class Token:
    text: str
    quoted: bool


def head_of(line: str) -> ZoneLine | None:
    """Return the parts of a line that may be one of a zone file."""
    words = line.split(None, 5)
    owner = "" if line[:1].isspace() else words.pop(0) if words else ""
    at = 0
    while at < len(words) and (words[at].upper() == "IN" or _LIFETIME.fullmatch(words[at])):
        at += 1
    if at + 1 >= len(words) or words[at].upper() not in KNOWN:
        return None
    if owner.upper() in KNOWN and not any(word.upper() == "IN" for word in words[:at]):
        return None  # a table that begins with the type
    rest = line.strip().split(None, at + 1 + bool(owner))[-1]
    quoted = rest.startswith(('"', "(")) and words[at].upper() == "TXT"
    certain = quoted or any(word.upper() == "IN" for word in words[:at])
    return ZoneLine(owner, words[at].upper(), rest, certain)


def read(head: ZoneLine, lines: Sequence[str], owner: str, origin: str) -> tuple[Raw | Unread | None, int]:
    """Return the record that begins on the first of `lines`, and how many of them it takes; None where it is none."""
    taken, tokens = _tokens(head.rest, lines[1:])
    line = "\n".join(lines[:taken])
    if head.type not in SUPPORTED:
        return (unsupported(head.type, line) if is_plausible(head.type, head.rest) else None), taken
    if tokens is None:
        return None, 1
    value, repairs = _value(head, tokens)
    if not value or not is_plausible(head.type, value):
        return None, 1
    return Raw(head.type, owner, value, line, repairs, zone=True, origin=origin), taken


def _value(head: ZoneLine, tokens: list[Token]) -> tuple[str, tuple[str, ...]]:
    if head.type != "TXT":
        return " ".join(token.text for token in tokens), ()
    if all(token.quoted for token in tokens):
        repairs = (JOINED.format(count=len(tokens)),) if len(tokens) > 1 else ()
        return "".join(token.text for token in tokens), repairs
    return head.rest, (UNQUOTED,) if ";" in head.rest else ()


def _tokens(rest: str, more: Sequence[str]) -> tuple[int, list[Token] | None]:
    """Return how many lines the data takes, and its tokens; None where a parenthesis or a quote is never closed."""
    tokens: list[Token] = []
    depth = 0
    for number, line in enumerate([rest, *more[: LINES_MAX - 1]], start=1):
        scanned = _scan(line, depth)
        if scanned is None:
            return 1, None
        line_tokens, depth = scanned
        tokens.extend(line_tokens)
        if depth == 0:
            return number, tokens
    return 1, None


_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|(;.*)|([^\s"();]+)|\s+|(")')


def _scan(line: str, depth: int) -> tuple[list[Token], int] | None:
    """Return the tokens of one line and the depth of parentheses after it; None where a quote is not closed."""
    tokens: list[Token] = []
    for part in _PART.finditer(line):
        quoted, bracket, comment, word, lone = part.groups()
        if lone:
            return None
        if bracket:
            depth += 1 if bracket == "(" else -1
        elif comment is None and (quoted is not None or word):
            text = quoted if quoted is not None else word
            tokens.append(Token(_ESCAPED.sub(_unescaped, text), quoted is not None))
    return tokens, max(depth, 0)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code)) if len(code) == 3 and int(code) < 256 else code
