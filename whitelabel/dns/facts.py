"""What DNS says of a domain as a whole: stored with the domain, and fit for a page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

SHOWN_MAX_CHARS = 500  # of each; what is longer is cut
SEVERAL = ("spf", "mx", "name_servers", "advice", "unknown")


@dataclass(frozen=True)
class Advice:
    """A whole sentence. Where it asks for a TXT record, its `name` and exact `value`, and in words `what` it is."""

    sentence: str
    name: str = ""
    value: str = ""
    what: str = ""


@dataclass(frozen=True)
class DomainFacts:
    """All of it fit for a page. `spf` are the SPF records, `dmarc` is the record and `dmarc_at` its name.

    The fields that end in `_says` and `alignment` are whole sentences; what is "" is not there. `unknown` names the
    fields about which DNS gave no answer.
    """

    spf: tuple[str, ...] = ()
    spf_says: str = ""
    dmarc: str = ""
    dmarc_at: str = ""
    dmarc_says: str = ""
    mx: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    alignment: str = ""
    unknown: tuple[str, ...] = ()

    def or_before(self, before: "DomainFacts") -> "DomainFacts":
        """Return these facts with what was known before, where DNS gave no answer now."""
        return replace(self, **{name: getattr(before, name) for name in self.unknown})

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "DomainFacts":
        """Read what `as_json` wrote, {} as nothing known."""
        known: dict[str, Any] = {one.name: stored[one.name] for one in fields(cls) if one.name in stored}
        for name in SEVERAL:
            known[name] = tuple(known.get(name, ()))
        known["advice"] = tuple(Advice(**one) for one in known["advice"])
        return cls(**known)
