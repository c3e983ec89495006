"""Fixtures for every app's tests: the people and white-labels that the sentences speak of."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import connection

from delivery.outbox.batch import forget_turns
from delivery.outbox.route_cache import clear_routes
from delivery.worker.alarm import cancel_alarms
from delivery.worker.connection_pool import pool
from gateway.keys import throttle
from people.models import User
from testing import factories, properties
from whitelabel.brands import forget_brands
from whitelabel.models import WhiteLabel

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
properties.register_profile()
pytest_plugins = [
    "testing.audit_log",
    "testing.browser",
    "testing.fixtures",
    "testing.processes",
    "testing.outbox",
    "testing.scheduling",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests that wait for real leases, and no others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave each database its own tests: on PostgreSQL only what uses it is run once more (see `testing.command`).

    What is slow is run alone, when it is asked for.
    """
    fits, slow = uses_database if connection.vendor == "postgresql" else runs_anywhere, config.getoption("--slow")
    chosen: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        chosen[fits(item) and (item.get_closest_marker("slow") is not None) == slow].append(item)
    config.hook.pytest_deselected(items=chosen[False])
    items[:] = chosen[True]


def uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def runs_anywhere(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is None


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
    """Let no test see another one's routes, alarms, wrong keys or open connections."""
    clear_routes()
    forget_brands()
    throttle.forget()
    forget_turns()
    yield
    cancel_alarms()
    pool.close_idle()
