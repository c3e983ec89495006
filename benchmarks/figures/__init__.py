"""Single figures of the product that a table of contestants cannot show, each with its goal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`value` is in `unit`; `goal` is in words, "" where there is none."""

    what: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "met" if self.met else "missed"


def at_least(what: str, value: float, unit: str, goal: float) -> Figure:
    return Figure(what, value, unit, f"at least {goal:,g}", value >= goal)


def at_most(what: str, value: float, unit: str, goal: float) -> Figure:
    return Figure(what, value, unit, f"at most {goal:,g}", value <= goal)
