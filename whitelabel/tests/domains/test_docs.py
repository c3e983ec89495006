"""docs/domains.md tells the same as the code: the picture of the states, and the table of the transitions."""

import re
from pathlib import Path

from django.conf import settings

from whitelabel.models.transitions import RULES, State, Transition

WHOLE = (Path(settings.BASE_DIR) / "docs" / "domains.md").read_text()
TEXT = WHOLE.split("\n## ")[1]  # "States and transitions"


def test_the_picture_shows_the_moves_that_the_rules_allow() -> None:
    shown = set(re.findall(r"^    ([A-Z]+) --> ([A-Z]+):", TEXT, re.MULTILINE))
    allowed = {
        (source.value, rule.target.value)
        for transition, rule in RULES.items()
        for source in rule.sources
        if rule.target and transition != Transition.WITHDRAW
    }
    assert shown == allowed | {("SUSPENDED", "ACTIVE")}


def test_every_state_is_told_of() -> None:
    assert all(state.value in TEXT for state in State)


def test_every_move_has_a_row() -> None:
    words = {
        Transition.CHANGE_RECORDS: "change the records",
        Transition.RESUME: "lift the suspension",
        Transition.REOPEN: "open again",
    }
    rows = set(re.findall(r"^\| ([a-z ]+) \|", TEXT, re.MULTILINE)) - {"transition"}
    assert rows == {words.get(transition, transition.value.lower()) for transition in Transition}
