"""What DNS says of a domain beside its records, as it was found at the last check."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class DomainFacts:
    """Texts are "" and tuples empty where nothing was found or nobody looked."""

    spf: tuple[str, ...] = ()
    spf_says: str = ""
    dmarc: str = ""
    dmarc_at: str = ""
    dmarc_says: str = ""
    mx: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    alignment: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        kept = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in kept.items()}
        return cls(**values)
