"""What DNS says about a domain beside the records to publish. Kept as JSON in its row."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class DomainFacts:
    """`…_says` and `alignment` are sentences, `advice` is what to do, `dmarc_at` the name that DMARC was found at.

    Everything is empty until DNS was asked.
    """

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
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)} & kept.keys()
        values: dict[str, Any] = {name: _frozen(kept[name]) for name in known}
        return cls(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
