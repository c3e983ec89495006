"""What a message is found by: the words of its subject, its recipients, and marks of whose and of which day it is.

A term is a word as a regular expression takes it, an address, a domain, or a mark, which no word can be. The marks keep
a search for a word of millions of messages short: PostgreSQL's GIN knows no order, but what is asked for together with
the marks of some days is looked for in these days alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache

from django.db import connection

WORD = re.compile(r"\w+")
WORDS_MOST = 64  # of a subject or of what is searched for
WORD_CHARS = 64
ADDRESS_CHARS = 254  # a term of PostgreSQL has 2,046 octets at most, and one character may become eighteen
REMEMBERED = 256  # subjects: a campaign has one
EPOCH = date(1970, 1, 1).toordinal()


def stored(subject: str, recipients: Iterable[str], *, application: int | None, tenant: int, at: datetime) -> str:
    """Return the terms of a message as `TermsField` keeps them; `at` (UTC) is when it was accepted."""
    marks = (mark_of_day(at.date()), mark_of_tenant(tenant), mark_of_application(application or 0))
    terms = {*marks, *words_of(subject)}
    for recipient in recipients:
        terms.update(_of_recipient(recipient))
    if connection.vendor == "postgresql":
        return " ".join(map(quoted, terms))
    return "\n".join(("", *terms, ""))


def mark_of_day(day: date) -> str:
    """Return the mark of a day (UTC)."""
    return f"#d{day.toordinal() - EPOCH}"


def mark_of_tenant(tenant: int | str) -> str:
    return f"#t{tenant}"


def mark_of_application(application: int | str) -> str:
    """Return the mark of an application, "#a0" where it is the platform itself."""
    return f"#a{application}"


@lru_cache(REMEMBERED)
def words_of(text: str) -> tuple[str, ...]:
    return tuple(word[:WORD_CHARS] for word in WORD.findall(folded(text))[:WORDS_MOST])


def folded(text: str) -> str:
    """Return `text` as it is compared: in one case, in one spelling of its characters."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def typed_address(text: str) -> str:
    """Return what somebody typed of an address as it is compared."""
    return folded(text).strip("<>,;")[:ADDRESS_CHARS]


def quoted(term: str) -> str:
    """Return a term as PostgreSQL reads it in a tsvector or tsquery."""
    if term.isalnum():
        return term
    escaped = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _of_recipient(address: str) -> Iterator[str]:
    whole = folded(address)[:ADDRESS_CHARS]
    local_part, _, domain = whole.rpartition("@")
    yield whole
    yield domain
    yield from words_of(local_part)
