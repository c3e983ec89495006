"""A route as a path: from the application by its owner and its white-label to the server, and which of them decided."""

from collections.abc import Sequence
from enum import StrEnum

from whitelabel.routing import NOT_AN_ADMIN


class Step(StrEnum):
    APPLICATION = "application"
    OWNER = "owner"
    WHITE_LABEL = "white_label"
    SERVER = "server"


def deciding_step(rule: int, reasons: Sequence[str], *, has_white_label: bool) -> Step:
    """Return what decided a route by its row of the table and its reasons, also of one that was taken long ago."""
    if rule in (1, 2):
        return Step.WHITE_LABEL
    if any(NOT_AN_ADMIN in str(reason) for reason in reasons):
        return Step.OWNER
    if rule == 4:
        return Step.SERVER
    return Step.WHITE_LABEL if has_white_label else Step.APPLICATION
