"""What is to be told about a line of the export; never a value that was read, which may be a secret."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """`thing` names what the line is about by Siberian's id, "" where that could not be read."""

    number: int
    thing: str
    text: str

    def __str__(self) -> str:
        about = f", {self.thing}" if self.thing else ""
        return f"line {self.number}{about}: {self.text}"
