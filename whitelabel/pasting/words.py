"""The words of providers' pages in six languages: what labels announce, what buttons and states say, what is prose.

A label is understood by the words that it is made of, not as a whole: every one of them must be known, and those that
name a part of a record decide. All words are kept in lower case without accents.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from whitelabel.dns.record import Type

SUPPORTED = frozenset(Type.values)
UNSUPPORTED = {
    "NS": "they hand names over to other name servers, which is not needed to send mail",
    "A": "they are addresses of servers, which are not needed to send mail",
    "AAAA": "they are addresses of servers, which are not needed to send mail",
    "SPF": "records of this type are no longer read (RFC 7208, 3.1); publish the same text as TXT",
    "SOA": "the DNS host writes them by itself",
    "PTR": "whoever owns the address of the server publishes them",
}
KNOWN = (
    SUPPORTED
    | UNSUPPORTED.keys()
    | {*"SRV CAA DS DNSKEY NAPTR TLSA SSHFP LOC HINFO HTTPS SVCB ALIAS ANAME URI".split()}
)
LABEL_MAX_CHARS = 60
LABEL_MAX_WORDS = 8
WORDS_LOOK_CHARS = 400
CACHED = 4096  # short texts: lines of a page repeat their words

_WORD = re.compile(r"[\w'’-]+")
_NO_LABEL = re.compile(r"[=@]|(?:^|\s)_")  # a value, the domain itself, a name
_NUMBER = re.compile(r"\d{1,3}")


def plain(text: str) -> str:
    """Return it in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


_VOCABULARY = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
_LISTS = {name: frozenset(words.split()) for name, words in _VOCABULARY["words"].items()}
FIELD_OF = {word: field for field, words in _VOCABULARY["fields"].items() for word in words.split()}
OLD, FILLERS, NOISE, GLUE = _LISTS["old"], _LISTS["fillers"], _LISTS["noise"], _LISTS["glue"]
PROSE = _LISTS["prose"] | (FILLERS - _LISTS["hosts"])
WANTED = _LISTS["wanted"]
RECORD_NOUNS, OF = _LISTS["record"], _LISTS["of"]
PRIORITY_WORDS = frozenset(_VOCABULARY["fields"]["priority"].split())
TTL_WORDS, UNITS = _LISTS["ttl"], _LISTS["units"]
_RANKS = ("type", "priority", "other", "value", "name", "domain")


@dataclass(frozen=True)
class Label:
    """Which part of a record a label announces ("type", "name", "domain", "value", "priority", "other")."""

    field: str
    type: str = ""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case and without accents, of its first `WORDS_LOOK_CHARS`."""
    return _words_of(text[:WORDS_LOOK_CHARS])


@lru_cache(maxsize=CACHED)
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(part for word in _WORD.findall(plain(text).replace("’", "'")) for part in _apart(word))


def _apart(word: str) -> Iterable[str]:
    """Return a word as the lists have it: "l'hote" in two, "sous-domaine" in one, "record-type" in two."""
    bare = word.strip("-'_")
    joined = re.sub(r"[-'_]", "", bare)
    if joined in FIELD_OF or bare in FILLERS or bare in NOISE:
        return [joined if joined in FIELD_OF else bare]
    return [part for part in re.split(r"[-'_]", bare) if part]


def label_of(text: str) -> Label | None:
    """Return what a label announces, None where a text is no label."""
    return _label_of(text) if 1 < len(text) <= LABEL_MAX_CHARS else None


@lru_cache(maxsize=CACHED)
def _label_of(text: str) -> Label | None:
    if _NO_LABEL.search(text):
        return None
    words = words_of(text)
    if not words or len(words) > LABEL_MAX_WORDS or "." in text.strip(" .:()").replace("e.g.", ""):
        return None
    known = [word for word in words if not _NUMBER.fullmatch(word)]
    if not all(word in FIELD_OF or word in FILLERS or word in OLD or word in WANTED for word in known):
        return None
    telling = [word for word in known if word not in WANTED] or known
    fields = [FIELD_OF[word] for word in telling if word in FIELD_OF]
    field = _field(known, fields)
    if not field or (field == "type" and known[-1].upper() in SUPPORTED):
        return None  # "Type TXT" is a label and its text
    types = [word.upper() for word in known if word.upper() in SUPPORTED]
    old = any(word in OLD for word in known)
    return Label("other" if old else field, types[0] if len(set(types)) == 1 else "")


def _field(words: list[str], fields: list[str]) -> str:
    """Return the part that the words of one label name together, "" where they name several."""
    kinds = set(fields)
    if "domain" in kinds and kinds & {"name", "value"}:
        kinds.discard("domain")
    if {"name", "value"} <= kinds:
        last_value = len(fields) - 1 - fields[::-1].index("value")
        joined = any(word in OF for word in words)
        if fields[0] != "value" and not (joined and last_value > fields.index("name")):
            return ""
        kinds.discard("name")
    if "other" in kinds and len(kinds) > 1 and fields[0] != "other":
        kinds.discard("other")
    if {"type", "value"} <= kinds or {"type", "name"} <= kinds:
        return ""
    return next((rank for rank in _RANKS if rank in kinds), "")


_TYPE = re.compile(r"(?:record\s+)?([a-z]{1,7})(?:\s*\([^()]{0,40}\))?", re.IGNORECASE)


def type_of(text: str) -> str:
    """Return the record type that a text names ("txt", "CNAME record", "Enregistrement TXT", "TXT (SPF)"), else ""."""
    return _type_of(text) if len(text) <= LABEL_MAX_CHARS else ""


@lru_cache(maxsize=CACHED)
def _type_of(text: str) -> str:
    bare = text.strip(" \t:*\"'`•-[].")
    match = _TYPE.fullmatch(bare)
    if match and match[1].upper() in KNOWN:
        return match[1].upper()
    words = words_of(bare)
    types = {word.upper() for word in words if word.upper() in SUPPORTED}
    others = [word for word in words if word.upper() not in SUPPORTED and not _NUMBER.fullmatch(word)]
    is_type = len(types) == 1 and 0 < len(others) < 4 and any(word in RECORD_NOUNS for word in others)
    return types.pop() if is_type and all(word in FILLERS for word in others) else ""


def is_noise(text: str) -> bool:
    """Return whether a text is a button or a state, in words or as a sign."""
    return len(text) <= LABEL_MAX_CHARS and _is_noise(text)


@lru_cache(maxsize=CACHED)
def _is_noise(text: str) -> bool:
    words = re.findall(r"[\w/']+", plain(text))
    if not words:
        return text.strip() not in {"", "@", "*"}
    return all(word in NOISE for word in words) and not all(word in GLUE for word in words)


def is_page_word(text: str) -> bool:
    """Return whether a text belongs to the page and to no record: a label, a button, a type, a word of a sentence."""
    bare = text.strip(" \t.,:;()\"'*")
    if len(bare) == 1:
        return False
    if type_of(bare) in SUPPORTED or is_noise(bare):
        return True
    words = words_of(bare) if len(bare) <= LABEL_MAX_CHARS and "." not in bare else ()
    return bool(words) and all(word in PROSE or word in FIELD_OF or word in NOISE for word in words)


def is_record_noun(text: str) -> bool:
    """Return whether a text says no more than "record" or "entry"."""
    words = [word for word in words_of(text) if not _NUMBER.fullmatch(word)]
    return bool(words) and all(word in RECORD_NOUNS or word == "dns" for word in words)


def is_apex_phrase(text: str) -> bool:
    """Return whether a text says in words that a record stands at the domain itself ("@ or leave blank")."""
    if not 1 < len(text) <= LABEL_MAX_CHARS:
        return False
    words = words_of(text)
    core = "@" in text or any(word in _LISTS["apex_core"] for word in words)
    return core and "." not in text and all(word in _LISTS["apex"] for word in words)


def is_removal(text: str) -> bool:
    """Return whether a text is one word that tells somebody to take a record out."""
    return plain(text.strip(" .:!")) in _LISTS["removal"]


def is_naming(text: str) -> bool:
    """Return whether a word says that a name follows it in a sentence."""
    return plain(text) in _LISTS["naming"]


def speaks_of_removing(text: str) -> bool:
    return any(word in _LISTS["removing"] for word in words_of(text))
