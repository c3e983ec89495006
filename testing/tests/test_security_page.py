"""docs/security.md: each promise names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_file_that_holds_a_promise_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    promises = page[page.index("## What is promised") : page.index("## What is not promised")]
    named = set(re.findall(r"`([\w/]+\.py)`", promises))
    assert len(named) > 30
    assert {path for path in named if not (ROOT / path).is_file()} == set()
