"""docs/domains.md tells the same as the code: the picture of the states, and the table of the moves."""

import re
from pathlib import Path

from django.conf import settings

from whitelabel.models.transitions import RULES, Move, State

WHOLE = (Path(settings.BASE_DIR) / "docs" / "domains.md").read_text()
TEXT = WHOLE.split("\n## ")[1]  # "States and moves"


def test_the_picture_shows_the_moves_that_the_rules_allow() -> None:
    shown = set(re.findall(r"^    ([A-Z]+) --> ([A-Z]+):", TEXT, re.MULTILINE))
    allowed = {
        (source.value, rule.target.value)
        for move, rule in RULES.items()
        for source in rule.sources
        if rule.target and move != Move.WITHDRAW
    }
    assert shown == allowed | {("SUSPENDED", "ACTIVE")}


def test_every_state_is_told_of() -> None:
    assert all(state.value in TEXT for state in State)


def test_every_move_has_a_row() -> None:
    words = {Move.CHANGE_RECORDS: "change the records", Move.RESUME: "lift the suspension", Move.REOPEN: "open again"}
    rows = set(re.findall(r"^\| ([a-z ]+) \|", TEXT, re.MULTILINE)) - {"move"}
    assert rows == {words.get(move, move.value.lower()) for move in Move}
