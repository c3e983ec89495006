"""Fixtures for every app's tests: the people and white-labels that the sentences speak of."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import connection

from delivery.outbox.batch import forget_turns
from delivery.outbox.route_cache import clear_routes
from delivery.worker.connection_pool import pool
from people.models import User
from testing import factories
from whitelabel.models import WhiteLabel

pytest_plugins = ["testing.audit_log", "testing.fixtures", "testing.outbox", "testing.browser"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests that need PostgreSQL to the run on it (see `backoffice/tests/test_postgresql.py`)."""
    if connection.vendor == "postgresql":
        return
    left = [item for item in items if item.get_closest_marker("postgres")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(autouse=True)
def _fast_passwords(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(db: None) -> User:
    return factories.make_owner()


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_person("alice@acme.test")


@pytest.fixture
def bob(db: None) -> User:
    return factories.make_person("bob@acme.test")


@pytest.fixture
def charlie(db: None) -> User:
    return factories.make_person("charlie@globex.test")


@pytest.fixture
def acme(alice: User, bob: User) -> WhiteLabel:
    return factories.make_white_label("Acme", alice, bob)


@pytest.fixture
def globex(charlie: User) -> WhiteLabel:
    return factories.make_white_label("Globex", charlie)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Let no test see another one's routes or open connections."""
    clear_routes()
    forget_turns()
    yield
    pool.close_idle()
