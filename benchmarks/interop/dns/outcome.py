"""What came of a scenario at one kind of server: what should be said, and what the product says."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """`should` is a status, or several with a bar between; `says` is one, and why it is not right where it is not."""

    server: str
    version: str
    scenario: str
    should: str
    says: str
    wrong: str = ""

    @property
    def right(self) -> bool:
        return not self.wrong and self.says in self.should.split("|")

    def __str__(self) -> str:
        return f"{self.server}, {self.scenario}: {self.says}, should be {self.should} {self.wrong}".strip()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"right": self.right}
