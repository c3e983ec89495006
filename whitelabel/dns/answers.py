"""What DNS answered to one question: values, surely none, or nothing that could be known."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

PRINTED_MAX_CHARS = 1000


class Outcome(Enum):
    ANSWERED = "answered"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """`values` are spelled as in `responses`, `aliases` are the CNAMEs that led there, `why` says why nothing did.

    `no_such_name` is true where there is surely nothing at the name, nor below it (NXDOMAIN, RFC 8020).
    """

    outcome: Outcome
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    why: str = ""
    no_such_name: bool = False

    @property
    def is_unknown(self) -> bool:
        return self.outcome is Outcome.UNKNOWN

    @property
    def path(self) -> str:
        """The names that the aliases led over, for a page."""
        return " → ".join(name or "the root of DNS" for name in self.aliases)

    @property
    def leads_to_nothing(self) -> str:
        return f"an alias of {self.path}, which leads to nothing. {self.why}".strip()


Lookup = Callable[[str, str], Answer]
"""Asks for a canonical name and a record type."""


def answered(*values: str) -> Answer:
    return Answer(Outcome.ANSWERED, values)


def absent(*, no_such_name: bool = False) -> Answer:
    return Answer(Outcome.ABSENT, no_such_name=no_such_name)


def unknown(why: str) -> Answer:
    return Answer(Outcome.UNKNOWN, why=why)


def printable(text: str) -> str:
    """Return text fit for a page: somebody else wrote it, and may have put anything there."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def printable_lines(values: Iterable[str]) -> str:
    """Return values one a line, fit for a page and cut where they are endless."""
    text = "\n".join(printable(value) for value in sorted(values))
    return text if len(text) <= PRINTED_MAX_CHARS else f"{text[: PRINTED_MAX_CHARS - 1]}…"
