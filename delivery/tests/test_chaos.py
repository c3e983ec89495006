"""The short form of `python -m benchmarks.chaos`: the promises hold while everything breaks at random."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LONGEST_SECONDS = 180
OPTIONS = ("--minutes", "1", "--messages", "150")

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif("RUN_ON_POSTGRES" in os.environ, reason="it runs once, on a database of its own"),
]


@pytest.fixture(scope="module")
def balance(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the run counted, and what it `said`, which names each message that is not accounted for."""
    found = tmp_path_factory.mktemp("chaos") / "balance.json"
    command = [sys.executable, "-m", "benchmarks.chaos", *OPTIONS, "--json", str(found)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, timeout=LONGEST_SECONDS, capture_output=True, text=True, check=False)
    return {**json.loads(found.read_text()), "said": f"{done.stdout}\n{done.stderr}"}


def test_no_accepted_mail_is_lost_when_everything_is_killed_at_random(balance: dict[str, Any]) -> None:
    assert balance["accepted"] >= 150
    assert balance["lost"] == 0, balance["said"]


def test_every_copy_beyond_the_first_is_of_a_mail_marked_as_a_possible_duplicate(balance: dict[str, Any]) -> None:
    assert balance["sent"] > 0
    assert balance["unflagged_copies"] == 0, balance["said"]


def test_a_door_takes_a_message_once_unless_nobody_could_tell_its_caller(balance: dict[str, Any]) -> None:
    assert balance["doubled"] == 0, balance["said"]


def test_no_door_refuses_sound_mail_for_good_while_something_is_away(balance: dict[str, Any]) -> None:
    assert balance["refused"] == 0, balance["said"]
