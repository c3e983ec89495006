"""What names, hosts, texts and numbers of DNS records look like: the gate that everything passes that becomes a row."""

import base64
import binascii
import re
from dataclasses import dataclass

from whitelabel.dns.spf import terms as spf
from whitelabel.pasting.result import INCOMPLETE, NO_RECORD
from whitelabel.pasting.words import (
    PRIORITY_WORDS,
    SUPPORTED,
    TTL_WORDS,
    UNITS,
    is_noise,
    is_page_word,
    label_of,
    plain,
    type_of,
    words_of,
)
from whitelabel.records import VALUE_MAX_CHARS

BASE64_GROUP = 4
BASE64_LINE_MIN = 16  # a shorter line may be a word
LINE_LOOK_CHARS = 1000
INCOMPLETE_WORDS_MAX = 6  # longer, it is a sentence that mentions a type
PRIORITY_USUAL_MAX = 300  # what is above is a TTL
_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?=[\w-]*[^\W\d_])(?!-)[\w-]{{2,63}}\.?")
_PART = rf"(?:\*|{_LABEL}|[<{{\[%$(][\w .-]{{1,40}}[>}}\])%]?)"  # the last of them is a placeholder
_NAME = re.compile(rf"@|{_PART}(?:\.{_PART}){{0,40}}\.?")
_TEXT_OF_MAIL = re.compile(
    r"v=(?:spf1|dkim1|dmarc1|stsv1|tlsrptv1|bimi1)\b|[kp]=(?:rsa|ed25519|mi)|k=rsa", re.IGNORECASE
)
_TEXT_STRONG = re.compile(
    r"[\w.-]{2,60}(?:-verification|-code|-challenge|-token|verify|validation|verification)[\w-]*[=:]\s?\S+|MS=ms\d+",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2};?")
_OPEN_KEY = re.compile(r"(?:^|[;\s])p\s*=\s*([A-Za-z0-9+/ ]*)$")
_TAG = re.compile(r"\s*[a-z]{1,3}\s*=[^;]*")
_SPF_TERMS = re.compile(r"(?:[+?~–—-]?\s?all|[+?~-]?(?:include|a|mx|ptr|ip4|ip6|exists)(?:[:/]\S*)?|\w+=\S*)")
_NUMBER = re.compile(r"\(?(\d{1,10})\)?[,;.]?")
_DURATION = re.compile(r"\(?(\d{1,10})\s?(?:s|sec|secs|m|min|mins|h|hr|hrs|d|w)?\)?", re.IGNORECASE)


def is_host(text: str) -> bool:
    """Return whether it is a host name of at least two labels, in ASCII (RFC 1123 2.1, and underscores)."""
    return text.isascii() and len(text) < 255 and _HOST.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Return whether it may be a record's name: "@", labels in any letters, at the end perhaps a placeholder."""
    return is_spelled_as_name(text) and not is_page_word(text)


def is_spelled_as_name(text: str) -> bool:
    return 0 < len(text) <= 255 and _NAME.fullmatch(text.replace("\\", "")) is not None


def is_strong_name(text: str) -> bool:
    """Return whether it can hardly be anything else than a name."""
    return is_name(text) and (text == "@" or "_" in text or "." in text.strip(".") or any(map(str.isdigit, text)))


def is_text_of_mail(text: str) -> bool:
    """Return whether it begins as an SPF, DKIM, DMARC, MTA-STS, TLS-RPT or BIMI record does."""
    return _TEXT_OF_MAIL.match(text.lstrip(" \"'“„«(")) is not None


def why_unread(text: str) -> str:
    """Return why a line gave no record: whether it has a type and what may be a value, or is only words."""
    words = text[:LINE_LOOK_CHARS].split()
    typed = any(word.strip("().,:;\"'*|").isupper() and type_of(word.strip("().,:;|")) in SUPPORTED for word in words)
    valued = any(is_strong_text(word) or word.lower().startswith("v=") for word in words)
    return INCOMPLETE if valued or (typed and len(words) < INCOMPLETE_WORDS_MAX) else NO_RECORD


def needs_name(text: str) -> bool:
    """Return whether it is a record that never stands at the domain itself: a DKIM key, a policy."""
    return is_text_of_mail(text) and "spf1" not in text[:12].lower()


def is_strong_text(text: str) -> bool:
    """Return whether it can hardly be anything else than the value of a TXT record."""
    bare = text.strip(" \"'“”„«»")
    return is_text_of_mail(bare) or _TEXT_STRONG.fullmatch(bare) is not None


def guessed_type(value: str) -> str:
    """Return the type that a value without one must have, "" where that is not certain."""
    bare = value.strip(" \"'")
    if is_strong_text(bare):
        return "TXT"
    exchange = exchange_of(bare)
    if exchange and exchange.priority and len(bare.split()) == 2:
        return "MX"
    return "CNAME" if is_host(bare) else ""


def fits(kind: str, value: str) -> bool:
    """Return whether it may be the value of a record of this type, and not a word of the page or of a sentence."""
    if kind == "CNAME":
        return _HOST.fullmatch(host_in(value)) is not None  # in whatever letters: these are looked at later
    if kind == "MX":
        return exchange_of(value) is not None
    if is_strong_text(value):
        return True
    bare = value.strip()
    if (
        not bare
        or bare.startswith("(")
        or bare.isdigit()
        or is_page_word(bare)
        or label_of(bare.rstrip(":"))
        or is_noise(bare)
        or type_of(bare)
    ):
        return False
    words = without_buttons(bare).split()
    return len(words) == 1 or bare.startswith(('"', "“", "„", "'", "«")) or "=" in words[0] or words[1] == "="


def host_in(value: str) -> str:
    """Return a host without what is often around it: quotes, a link, buttons, a final comma."""
    bare = without_buttons(value.strip()).strip(" \"'`“”„‘’«»,;()<>")
    return re.sub(r"^https?://", "", bare, flags=re.IGNORECASE).rstrip("/")


def without_buttons(text: str) -> str:
    """Return a text without the buttons and states before and behind it."""
    words = [] if is_noise(text) else text.split()
    while len(words) > 1 and _is_button(words[-1]):
        words.pop()
    while len(words) > 1 and _is_button(words[0]):
        words.pop(0)
    return " ".join(words) if 0 < len(words) < len(text.split()) else text


def _is_button(word: str) -> bool:
    signs = any(letter.isalnum() for letter in word) or word.isascii()
    return (is_noise(word) and word.strip("().,").isidentifier()) or not signs


@dataclass(frozen=True)
class Exchange:
    """An MX value: its host, its priority ("" where none was given), and what was in doubt about its numbers."""

    host: str
    priority: str = ""
    left: str = ""


def exchange_of(value: str) -> Exchange | None:
    """Return host and priority of an MX value in any order; None where it is none."""
    parts = without_buttons(value).replace("=", " ").replace(":", " ").split()
    hosts = [part for part in parts if is_host(host_in(part))]
    others = [part for part in parts if part not in hosts]
    if len(hosts) != 1 or not all(_is_number_part(part) for part in others):
        return None
    priority, left = priority_in(parts, parts.index(hosts[0]))
    return Exchange(host_in(hosts[0]), priority, left)


def _is_number_part(part: str) -> bool:
    words = words_of(part)
    known = bool(words) and all(word in TTL_WORDS or word in PRIORITY_WORDS or word in UNITS for word in words)
    return _NUMBER.fullmatch(part) is not None or _DURATION.fullmatch(part) is not None or known


def priority_in(cells: list[str], host: int) -> tuple[str, str]:
    """Return the priority among the cells of an MX row whose host is at `host`, and the numbers in doubt.

    A number beside a word for TTL, with a unit or above `PRIORITY_USUAL_MAX` is the TTL; of those that are left, the
    one that is named counts, then the one in front of the host, then the one behind it.
    """
    numbers = [(at, number[1]) for at, cell in enumerate(cells) if (number := _NUMBER.fullmatch(cell.strip()))]
    named = [number for at, number in numbers if at and _says(cells[at - 1], PRIORITY_WORDS)]
    free = [
        (at, number)
        for at, number in numbers
        if int(number) <= PRIORITY_USUAL_MAX
        and not (at and _says(cells[at - 1], TTL_WORDS))
        and not (at + 1 < len(cells) and plain(cells[at + 1].strip("().,")) in UNITS)
    ]
    if named or len(free) == 1:
        return (named or [free[0][1]])[0], ""
    if not free and len(numbers) == 1 and numbers[0][0] == host - 1:
        return numbers[0][1], ""  # in front of the host nothing else stands
    nearest = sorted(free, key=lambda pair: (pair[0] != host - 1, abs(pair[0] - host)))
    return (nearest[0][1], " ".join(number for _, number in free)) if nearest else ("", "")


def _says(cell: str, words: frozenset[str]) -> bool:
    return any(word in words for word in words_of(cell))


def number_in(cell: str) -> str:
    """Return the number that a cell holds, perhaps with the word for it ("10", "Priority: 10", "3600 s"), else ""."""
    parts = cell.replace(":", " ").replace("=", " ").split()
    if not 0 < len(parts) <= 3 or not all(_is_number_part(part) for part in parts):
        return ""
    return next((digits[0] for part in parts if (digits := re.search(r"\d+", part))), "")


def continues(kind: str, value: str, more: str) -> str | None:
    """Return the value with the line that goes on with it, None where the line does not.

    A value goes on where it is open: an SPF record without its end, a key in its middle, a tag list behind ";".
    """
    if kind not in {"TXT", ""} or not more or len(value) > VALUE_MAX_CHARS or label_of(more):
        return None
    if value.startswith('"') and more.startswith('"') and more.endswith('"'):
        return f"{value} {more}"
    if value.count('"') % 2 and value.startswith('"'):
        return f"{value}{more}" if more.endswith('"') else None
    words = more.split()
    if spf.is_spf(value.strip('"')) and not has_end(value):
        return f"{value} {more}" if all(_SPF_TERMS.fullmatch(word) for word in words) else None
    if key := _OPEN_KEY.search(value):
        whole = is_whole_key(f"{key[1]}{more.rstrip(';')}".replace(" ", ""))
        joins = _BASE64.fullmatch(more) if len(more) >= BASE64_LINE_MIN else whole
        return f"{value}{more}" if joins and not is_whole_key(key[1].replace(" ", "")) else None
    if is_text_of_mail(value) and not spf.is_spf(value) and value.rstrip().endswith((";", ",")):
        joint = "" if value.rstrip().endswith(",") else " "
        tags = all(_TAG.fullmatch(part) for part in more.split(";") if part.strip())
        return f"{value.rstrip()}{joint}{more}" if tags or "@" in more else None
    return None


def has_end(value: str) -> bool:
    """Return whether an SPF record has the mechanism or modifier that ends it."""
    return re.search(r"(?:^|\s)[+?~–—-]?\s?all\b|redirect=", value, re.IGNORECASE) is not None


def is_whole_key(key: str) -> bool:
    """Return whether base64 holds as much as its outer DER header announces (X.690 8.1.3)."""
    padded = key + "=" * (-len(key) % BASE64_GROUP)
    try:
        der = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(der) < 4 or der[0] != 0x30:
        return False
    size = der[1] & 0x7F if der[1] & 0x80 else 0
    announced = int.from_bytes(der[2 : 2 + size], "big") if size else der[1]
    return len(der) == 2 + size + announced
