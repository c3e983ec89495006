"""How tests are spread over processes: those that start whole products or a browser stay together in one.

They need most of a machine. (pytest-xdist 3.8 has marks for this, which pytest 9.2 does not pass on.)
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

MARKS = ("browser", "chaos", "stack")
PLACES = (
    "backoffice/development/tests/test_stack.py",
    "backoffice/tests/accessibility/",
    "backoffice/tests/journeys/",
    "delivery/tests/test_chaos.py",
    "gateway/tests/http/test_docs_page.py",
    "testing/tests/test_browser.py",
)


class WholeProductsTogether(LoadScopeScheduling):
    """What has one scope runs in one process; the largest scope is begun first."""

    def _split_scope(self, nodeid: str) -> str:
        return "whole products" if nodeid.startswith(PLACES) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeProductsTogether:
    return WholeProductsTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a marked test elsewhere: whoever spreads the tests knows their places, not their marks."""
    strays = [item.nodeid for item in items if _is_marked(item) and not item.nodeid.startswith(PLACES)]
    if strays:
        raise pytest.UsageError(f"Name the places of these in {__name__}.PLACES: {', '.join(strays)}")


def _is_marked(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(mark) for mark in MARKS)
