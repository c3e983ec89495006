"""Read lines of a zone file (RFC 1035 5.1): owner, lifetime, class, type, data; quotes, parentheses, comments."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dns.exception import DNSException
from dns.tokenizer import Token, Tokenizer

from whitelabel.pasting.result import Raw, Unread, unsupported
from whitelabel.pasting.shapes import fits, is_host, is_name
from whitelabel.pasting.words import KNOWN, SUPPORTED

LINES_MAX = 20  # of one record in parentheses
JOINED = "The {count} quoted strings were joined into one value."
UNQUOTED = "In a zone file this text needs quotes; it is read to the end of the line."
_LIFETIME = re.compile(r"\d{1,10}(?:[smhdwSMHDW]\d{0,9})*")


@dataclass(frozen=True)
class ZoneLine:
    """The head of a line. `certain` where only a zone file is written so."""

    owner: str
    type: str
    rest: str
    certain: bool


def head_of(line: str) -> ZoneLine | None:
    """Return the parts of a line that may be one of a zone file."""
    words = line.split(None, 5)
    owner = "" if line[:1].isspace() else words.pop(0) if words else ""
    at = 0
    while at < len(words) and (words[at].upper() == "IN" or _LIFETIME.fullmatch(words[at])):
        at += 1
    if at + 1 >= len(words) or words[at].upper() not in KNOWN:
        return None
    has_class = any(word.upper() == "IN" for word in words[:at])
    if owner.isdigit():
        owner = ""  # a lifetime whose line has lost its blanks
    if owner.upper() in KNOWN and not has_class:
        return None  # a table that begins with the type
    if owner and not is_name(owner.replace("\\", "")) and not (has_class and "." not in owner):
        return None
    rest = line.strip().split(None, at + 1 + bool(owner))[-1]
    quoted = rest.startswith(('"', "(")) and words[at].upper() == "TXT"
    return ZoneLine(owner, words[at].upper(), rest, quoted or has_class)


def read(head: ZoneLine, lines: Sequence[str], owner: str, origin: str) -> tuple[Raw | Unread | None, int]:
    """Return the record that begins on the first of `lines`, and how many of them it takes; None where it is none."""
    tokens, taken = _tokens(head.rest, lines[1:])
    line = "\n".join(lines[:taken])
    if head.type not in SUPPORTED:
        shaped = any(letter in head.rest for letter in ".:") and (head.certain or len(head.rest.split()) == 1)
        return (unsupported(head.type, line) if shaped else None), taken
    value, repairs = _value(head, tokens, origin)
    if not value or not fits(head.type, value):
        return None, 1
    return Raw(head.type, owner, value, line, repairs=repairs, zone=True, origin=origin), taken


def _value(head: ZoneLine, tokens: list[Token], origin: str) -> tuple[str, tuple[str, ...]]:
    texts = [token.value for token in tokens]
    if head.type != "TXT":
        if origin and texts and is_host(f"{texts[-1]}.x.test") and not is_host(texts[-1]):
            texts[-1] = f"{texts[-1]}.{origin}"
        return " ".join(texts), ()
    if tokens and all(token.is_quoted_string() for token in tokens):
        repairs = (JOINED.format(count=len(tokens)),) if len(tokens) > 1 else ()
        return "".join(texts), repairs
    return head.rest, (UNQUOTED,) if ";" in head.rest else ()


def _tokens(rest: str, more: Sequence[str]) -> tuple[list[Token], int]:
    """Return the tokens of the data and how many lines it takes; none where a parenthesis or a quote stays open."""
    text, taken = rest, 1
    while _is_open(text) and taken <= min(len(more), LINES_MAX - 1) and not _begins_record(more[taken - 1]):
        text = f"{text}\n{more[taken - 1]}"
        taken += 1
    try:
        tokens = _all(text)
    except (DNSException, ValueError):
        return [], 1
    return tokens, taken


def _all(text: str) -> list[Token]:
    """Return the tokens up to the end of the line that is not within parentheses."""
    tokenizer, tokens = Tokenizer(text), list[Token]()
    while not (token := tokenizer.get()).is_eol_or_eof():
        tokens.append(token.unescape())
    return tokens


_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|;[^\n]*')


def _is_open(text: str) -> bool:
    bare = _QUOTED_OR_COMMENT.sub("", text)
    return bare.count("(") > bare.count(")")


def _begins_record(line: str) -> bool:
    head = head_of(line)
    return head is not None and head.certain and head.owner != ""
