"""Write the header fields of mail (RFC 5322, 2047, 2231, 6532). Text goes in as text: nothing is ever decoded here.

What cannot be written is a `ValueError`: control characters, lone surrogates, a line of more than 998 octets.
"""

import base64
import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

import idna

from phrases.names import CONTROL, SURROGATE

MAX_LINE_CHARS = 76  # that should not be exceeded with an encoded word in it; 78 without (RFC 2047 2, RFC 5322 2.1.1)
MAX_LINE_OCTETS = 998  # that must not be exceeded
MAX_PLAIN_OCTETS = 800  # of one word as it is; longer ones are encoded, as they cannot be folded
MAX_ENCODED_WORD_CHARS = 75
LEAST_ROOM_CHARS = 32  # for an encoded word behind the name of its field, however long that is

STRUCTURED = re.compile(
    r"(list-.*|references|in-reply-to|message-id|content-id|feedback-id|auto-submitted|precedence|importance|priority"
    r"|x-priority|x-msmail-priority|sensitivity|expires|expiry-date|reply-by|supersedes|obsoletes|archived-at|autocrypt"
    r"|original-message-id|mt-priority|tls-required|x-auto-response-suppress|x-entity-ref-id)\Z",
    re.IGNORECASE,
)
GAP = re.compile(r"(?<=[^ ]) (?=[^ ])")  # a single blank, where a line may be folded: many a program loses a second one
SPECIALS = re.compile(r'[()<>@,:;.\\"\[\]]')  # RFC 5322 3.2.3
TEXT = re.compile(r"(?!.*=\?)[!-~]+(?: +[!-~]+)*\Z")
TEXT_UTF8 = re.compile(r"(?!.*=\?)\S+(?: +\S+)*\Z")
ATOM = re.compile(r'(?!.*=\?)[^\s()<>@,:;.\\"\[\]\x7f-\U0010ffff]+\Z')
ATOM_UTF8 = re.compile(r'(?!.*=\?)[^\s()<>@,:;.\\"\[\]]+\Z')  # RFC 6532 3.2
ADDRESS = re.compile(r'(?:"(?:[^"\\]|\\.)*+"|[^\s@"<>(),:;\\]++)(?:@[^\s@"<>(),;\\]++)?\Z')
MAILBOX = re.compile(
    r'(?:(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^"<>,]*)) <(?P<address>[^<>]*)>'
    r'|(?P<alone>(?:"(?:[^"\\]|\\.)*")?[^\s"<>,]+))(?:, |\Z)'
)

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
Q_SAFE = LETTERS_AND_DIGITS + "!*+-/"  # in a display name as well (RFC 2047 5)
Q_OCTETS = [chr(at) if chr(at) in Q_SAFE else "_" if at == 0x20 else f"={at:02X}" for at in range(256)]
UNQUOTED = re.compile(r"[A-Za-z0-9_-]+\Z")
QUOTABLE = re.compile(r"(?!.*=\?)[!#-:=?-\[\]-~](?:[ !#-:=?-\[\]-~]*[!#-:=?-\[\]-~])?\Z")
PARAMETER_SAFE = LETTERS_AND_DIGITS + "!#$&+-.^_`{|}~"  # RFC 2231 7
PARAMETER_OCTETS = [chr(at) if chr(at) in PARAMETER_SAFE else f"%{at:02X}" for at in range(256)]


def field(name: str, value: str, *, utf8: bool = False) -> str:
    """Return the field whose name and value a caller gave, written as the name asks for."""
    return structured_field(name, value) if is_structured(name) else text_field(name, value, utf8=utf8)


def is_structured(name: str) -> bool:
    """Return whether the value is for software, to which an encoded word means nothing (RFC 2047 5)."""
    return STRUCTURED.match(name) is not None


def text_field(name: str, text: str, *, utf8: bool = False) -> str:
    """Return a field of words for people, such as Subject; `utf8` leaves letters as they are (RFC 6532)."""
    line = f"{name}: {text}"
    if len(line) <= MAX_LINE_CHARS and _is_plain_text(text):
        return f"{line}\r\n"
    _refuse_unwritable(text)
    words = GAP.split(text)
    if utf8 and all(_is_plain(word, TEXT_UTF8) for word in words):  # many a program decodes no word beside such letters
        return _folded(name, words)
    return _folded(name, _encoded_where_needed(words, TEXT, _room_behind(name)))


def structured_field(name: str, value: str) -> str:
    """Return a field for software, such as References: folded at blanks, never encoded."""
    _refuse_unwritable(value)
    if not value.isascii():
        raise ValueError(f"{name} takes ASCII alone")
    return _folded(name, GAP.split(value.strip(" ")))


def address_field(name: str, mailboxes: Iterable[tuple[str, str]], *, utf8: bool = False) -> str:
    """Return a field of one or more mailboxes, each a display name, possibly "", and an address."""
    words: list[str] = []
    for display_name, address in mailboxes:
        written = written_address(address, utf8=utf8)
        if display_name:
            words += _phrase(display_name, MAX_ENCODED_WORD_CHARS if words else _room_behind(name), utf8=utf8)
            written = f"<{written}>"
        words.append(f"{written},")
    if not words:
        raise ValueError(f"{name} names nobody")
    return _folded(name, [*words[:-1], words[-1].removesuffix(",")])


def attachment_field(filename: str) -> str:
    """Return Content-Disposition of an attachment (RFC 2183), possibly without a name."""
    return parameter_field("Content-Disposition", "attachment", [("filename", filename)] if filename else [])


def parameter_field(name: str, value: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return a field of MIME: a value and its parameters (RFC 2045 5.1), as RFC 2231 writes them where not plain."""
    words = [value]
    for key, text in parameters:
        _refuse_unwritable(text)
        words += _parameter(key, text)
    if not all(map(str.isascii, words)) or CONTROL.search("".join(words)):
        raise ValueError(f"{name} takes ASCII alone")
    return _folded(name, [*(f"{word};" for word in words[:-1]), words[-1]])


def readable(name: str, address: str) -> str:
    """Return a mailbox as people read it, in any letters: what pages show and `mailboxes_in` takes apart again."""
    if not name:
        return address
    return f"{_quoted(name) if SPECIALS.search(name) else name} <{address}>"


def mailboxes_in(text: str) -> list[tuple[str, str]]:
    """Return the names and addresses that `readable` wrote and ", " joins; raises `ValueError` for anything else."""
    mailboxes, at = list[tuple[str, str]](), 0
    while at < len(text):
        mailbox = MAILBOX.match(text, at)
        if mailbox is None:
            raise ValueError(f"{text[at : at + 100]!r} is no mailbox")
        name = mailbox["bare"] or re.sub(r"\\(.)", r"\1", mailbox["quoted"] or "")
        mailboxes.append((name, mailbox["alone"] or mailbox["address"]))
        at = mailbox.end()
    return mailboxes


def _is_plain_text(text: str) -> bool:
    """Return at little cost whether nothing of it needs care, as is so with most subjects."""
    return text.isascii() and text.isprintable() and "=?" not in text and text[:1] != " " != text[-1:]


def _refuse_unwritable(text: str) -> None:
    if CONTROL.search(text) or SURROGATE.search(text):
        raise ValueError(f"{text[:100]!r} has a character that no header can have")


def written_address(address: str, *, utf8: bool) -> str:
    """Return the address as the message needs it: without SMTPUTF8, the domain as A-labels."""
    _refuse_unwritable(address)
    if not ADDRESS.match(address):
        raise ValueError(f"{address[:100]!r} is no address")
    if utf8 or address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise ValueError(f"{address[:100]!r} needs SMTPUTF8")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


def _phrase(name: str, room: int, *, utf8: bool) -> Sequence[str]:
    """Return the words of a display name: atoms, one quoted string, or encoded (RFC 5322 3.2.5).

    A quoted string stays on one line: programs that read it folded lose what is behind the fold.
    """
    _refuse_unwritable(name)
    words, quoted = GAP.split(name), _quoted(name)
    if all(_is_plain(word, ATOM_UTF8 if utf8 else ATOM) for word in words):
        return words
    if (utf8 or name.isascii()) and "=?" not in name and len(quoted.encode()) <= MAX_PLAIN_OCTETS:
        return [quoted]
    return _encoded_where_needed(words, ATOM, room)


def _parameter(key: str, text: str) -> list[str]:
    """Return the words of a parameter.

    What many a program misreads in a quoted string is not plain: `=?` is decoded by some, although it must not be (RFC
    2047 5), quoted pairs are kept by others, a semicolon taken for the end, and angle brackets for quotes.
    """
    if UNQUOTED.match(text):
        return [f"{key}={text}"]
    if QUOTABLE.match(text) and len(text) <= MAX_PLAIN_OCTETS:
        return [f'{key}="{text}"']
    most = MAX_LINE_CHARS - len(f" {key}*999*=utf-8'';")
    pieces = [_percent(piece) for piece in _cut(text, lambda char: len(_percent(char)), most, most)]
    pieces[0] = f"utf-8''{pieces[0]}"
    if len(pieces) == 1:
        return [f"{key}*={pieces[0]}"]
    return [f"{key}*{number}*={piece}" for number, piece in enumerate(pieces)]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_plain(word: str, plain: re.Pattern[str]) -> bool:
    return plain.match(word) is not None and len(word.encode()) <= MAX_PLAIN_OCTETS


def _encoded_where_needed(words: Sequence[str], plain: re.Pattern[str], room: int) -> list[str]:
    """Return the words with each run of those that are not plain encoded, the first in `room` characters.

    Blanks between two encoded words are not read (RFC 2047 6.2), so a run holds its blanks. Plain words stay between
    the runs: Python's newer parser adds a blank between two encoded words of a name (until 3.13.2).
    """
    written: list[str] = []
    for is_plain, run in groupby(words, lambda word: _is_plain(word, plain)):
        if is_plain:
            written += run
        else:
            written += _encoded_words(" ".join(run), MAX_ENCODED_WORD_CHARS if written else room)
    return written


def _encoded_words(text: str, room: int) -> Iterator[str]:
    """Write `text` as encoded words in the shorter of the two encodings, the first of at most `room` characters."""
    raw, frame = text.encode(), len("=?utf-8?q??=")
    first, others = room - frame, MAX_ENCODED_WORD_CHARS - frame
    if len(_q(text)) <= len(raw) * 4 / 3:
        yield from (f"=?utf-8?q?{_q(piece)}?=" for piece in _cut(text, lambda char: len(_q(char)), first, others))
    else:
        pieces = _cut(text, lambda char: len(char.encode()), first // 4 * 3, others // 4 * 3)
        yield from (f"=?utf-8?b?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces)


def _cut(text: str, size: Callable[[str], int], first: int, others: int) -> Iterator[str]:
    """Cut `text` into pieces of at most these sizes, never within a character, and behind a blank where one is near."""
    piece, most = "", first
    used = 0
    for char in text:
        if used + size(char) > most:
            blank = piece.rfind(" ") + 1
            end = blank if blank > len(piece) // 2 else len(piece)
            yield piece[:end]
            piece, most = piece[end:], others
            used = sum(map(size, piece))
        piece += char
        used += size(char)
    yield piece


def _q(text: str) -> str:
    return "".join(Q_OCTETS[octet] for octet in text.encode())


def _percent(text: str) -> str:
    return "".join(PARAMETER_OCTETS[octet] for octet in text.encode())


def _room_behind(name: str) -> int:
    return max(MAX_LINE_CHARS - len(f"{name}: "), LEAST_ROOM_CHARS)


def _folded(name: str, words: Sequence[str]) -> str:
    """Return the field with a line end before each word that would make its line too long."""
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < MAX_LINE_CHARS:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    if max(len(line.encode()) for line in lines) > MAX_LINE_OCTETS:
        raise ValueError(f"{name} would have a line of more than {MAX_LINE_OCTETS} octets")
    return "\r\n".join(lines) + "\r\n"
