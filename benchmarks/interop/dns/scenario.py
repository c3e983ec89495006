"""One scenario: a zone as somebody may publish it, a record that is asked for, and what has to be said of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Template

from benchmarks.interop.dns.internet import Content, Domain, Fault, Security

LABEL_MAX_CHARS = 50


@dataclass(frozen=True)
class Scenario:
    """`zone` is in zone file form, `record` is type, name and value; names are relative to the domain.

    `$domain`, `$origin` and the words of `keys` may stand in them. `should` is a status, or several with a
    bar between; `shows` are words beside it, `facts` what has to be known of the domain. `second` is what the second
    server has where that is something else. The domain that sends is `sends` below the zone, with a final dot in full.
    """

    about: str
    record: tuple[str, str, str]
    zone: Content
    should: str
    shows: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    second: Content | None = None
    servers: Sequence[str] = ("ns1", "ns2")
    security: Security = Security.NONE
    sends: str = ""
    below: Mapping[str, "Below"] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        words = re.sub(r"[^a-z0-9]+", "-", self.about.lower())
        return f"{words[:LABEL_MAX_CHARS].strip('-')}.example"

    @property
    def sending_domain(self) -> str:
        return self.sends.removesuffix(".") if self.sends.endswith(".") else f"{self.sends}.{self.origin}".lstrip(".")

    def filled(self, words: Mapping[str, str]) -> "Scenario":
        """Return it with real keys and names in place of the words."""
        known = {"domain": self.sending_domain, "origin": self.origin, **words}
        kind, name, value = self.record
        name = self.sending_domain if name == "@" else f"{name}.{self.sending_domain}"
        return replace(
            self,
            record=(kind, name, _fill(value, known)),
            zone=_filled(self.zone, known),
            second=None if self.second is None else _filled(self.second, known),
            shows=_fill(self.shows, known),
            facts={name: _fill(text, known) for name, text in self.facts.items()},
        )

    @property
    def delegation(self) -> Domain:
        """The zone as its servers have it."""
        second = self.zone if self.second is None else self.second
        below = [
            Domain(f"{label}.{self.origin}", zone.first, zone.second, zone.servers)
            for label, zone in self.below.items()
        ]
        return Domain(self.origin, self.zone, second, self.servers, self.security, below)


@dataclass(frozen=True)
class Below:
    """A zone below that of the scenario, with servers of its own."""

    first: Content
    second: Content
    servers: Sequence[str]


def _filled(content: Content, words: Mapping[str, str]) -> Content:
    return content if isinstance(content, Fault) else _fill(content, words)


def _fill(text: str, words: Mapping[str, str]) -> str:
    return Template(text).substitute(words)
