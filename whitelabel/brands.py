"""The names of white-labels and of the platform, which nobody else's mail may be from, as the eye takes them (UTS 39).

A name holds a brand where its words stand in it one after the other, written in whatever letters, together or apart.
"""

import time
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from smtp_settings.models import Communication, SmtpServer
from whitelabel.lookalikes import skeleton
from whitelabel.models import WhiteLabel

REMEMBERED_SECONDS = 60  # how long a new brand is not known to a process
NAMES_REMEMBERED = 65_536
LEAST_LETTERS = 3
ONE_STROKE = str.maketrans({"i": "l", "|": "l", "!": "l"})
ANYBODYS = frozenset(  # words that alone are nobody's name
    "account accounts admin alert alerts app apps backoffice billing care contact customer desk email help helpdesk "
    "info mail mailer mobile news newsletter no noreply notification notifications online order orders platform "
    "reply sales security sender service services shop store support system team the web webmail".split()
)

Holder = int | None  # the id of a white-label; None is the platform


@dataclass(frozen=True)
class Brands:
    """Whose each name is, by its letters without blanks; `most_letters` has the longest."""

    holders: Mapping[str, frozenset[Holder]]
    most_letters: int

    def is_anothers(self, name: str, holder: Holder) -> bool:
        """Return whether `name` holds a brand that is not the holder's; of several in one place the longest counts."""
        words, at = words_of(name), 0
        while at < len(words):
            end, holders = self._longest(words, at)
            if holders and holder not in holders:
                return True
            at = end
        return False

    def _longest(self, words: Sequence[str], at: int) -> tuple[int, frozenset[Holder]]:
        """Return where the longest brand that begins with the word `at` ends, and whose it is; else the next word."""
        letters, found = "", (at + 1, frozenset[Holder]())
        for end in range(at, len(words)):
            letters += words[end]
            if len(letters) > self.most_letters:
                break
            if letters in self.holders:
                found = (end + 1, self.holders[letters])
        return found


def is_anothers(name: str, holder: Holder) -> bool:
    """Return whether receivers would take `name` for somebody else's here than the holder's."""
    return bool(name) and _brands(int(time.monotonic() // REMEMBERED_SECONDS)).is_anothers(name, holder)


def forget_brands() -> None:
    """Read them anew at the next look."""
    _brands.cache_clear()


@lru_cache(maxsize=1)
def _brands(period: int) -> Brands:
    """Return all brands, asked for once in a `period` by each process."""
    holders = defaultdict[str, set[Holder]](set)
    for holder, name in _names():
        words = words_of(name)
        letters = "".join(words)
        if len(letters) >= LEAST_LETTERS and not _ANYBODYS_AS_READ.issuperset(words):
            holders[letters].add(holder)
    frozen = {letters: frozenset(whose) for letters, whose in holders.items()}
    return Brands(frozen, max(map(len, frozen), default=0))


def _names() -> list[tuple[Holder, str]]:
    white_labels = WhiteLabel.objects.filter(archived_at=None).values_list("pk", "name", "brand_name")
    platform = Communication.current()
    servers = (platform.server, platform.standby, SmtpServer.default())
    return [
        *((pk, name) for pk, *names in white_labels for name in names),
        *((None, name) for name in (platform.support_name, *(server.sender_name for server in servers if server))),
    ]


@lru_cache(NAMES_REMEMBERED)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of `name` as the eye takes them: without marks, in one letter for all that look alike."""
    seen = "".join(char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char) != "Cf")
    read = skeleton(seen.casefold()).translate(ONE_STROKE)
    return tuple("".join(char if char.isalnum() else " " for char in read).split())


_ANYBODYS_AS_READ = frozenset(word for each in ANYBODYS for word in words_of(each))
