"""Whose name and colour an e-mail wears: a white-label's, or the platform's."""

from dataclasses import dataclass

from notifications.palette import palette

NEUTRAL_COLOUR = "#3457b2"


@dataclass(frozen=True)
class Brand:
    """`colour` is `#rrggbb`. `of_white_label` tells the platform's own brand from a white-label's."""

    name: str = "Backoffice"
    colour: str = NEUTRAL_COLOUR
    of_white_label: bool = False

    @property
    def palette(self) -> dict[str, str]:
        """Return the weights of its colour: white is readable on 600, 600 on white, 400 on what is dark."""
        return palette(self.colour)
