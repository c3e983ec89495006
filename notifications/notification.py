"""What an e-mail of the product says, before it is laid out."""

from dataclasses import dataclass, field
from datetime import datetime

from notifications.brand import Brand


@dataclass(frozen=True)
class Link:
    label: str
    address: str


@dataclass(frozen=True)
class Entry:
    """One of several things that a digest tells of; `quote` is what somebody wrote."""

    title: str
    text: str
    link: Link
    at: datetime
    quote: str = ""

    @property
    def quoted_lines(self) -> list[str]:
        return self.quote.strip().splitlines()


@dataclass(frozen=True)
class Notification:
    """All of it is plain text, in which an empty line begins a paragraph, and none of it is read as markup.

    `quote` is what somebody wrote, and is set apart from what the product says. `below` comes after the one button.
    `reason` says why people get the e-mail, and `choice` leads to where they change that.
    """

    subject: str
    text: str
    reason: str
    button: Link | None = None
    quote: str = ""
    below: str = ""
    entries: tuple[Entry, ...] = ()
    name: str = ""
    choice: Link | None = None
    brand: Brand = field(default_factory=Brand)
