"""The door, running as a process, and a key for it."""

from collections.abc import Iterator

import pytest

from people.models import User
from testing import factories
from testing.servers.certificates import Authority
from testing.servers.submission import SubmissionProcess
from whitelabel.models import Application, WhiteLabel


@pytest.fixture(scope="session")
def running_door(
    django_db_setup: None,
    django_db_blocker: object,
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SubmissionProcess]:
    door = SubmissionProcess(authority, tmp_path_factory.mktemp("door"))
    yield door
    door.stop()


@pytest.fixture
def door(transactional_db: None, running_door: SubmissionProcess) -> SubmissionProcess:
    """The door as everybody finds it; another process than the test's, so rows must be committed."""
    return running_door


@pytest.fixture
def shop(transactional_db: None, acme: WhiteLabel, alice: User) -> Application:
    """Alice's application."""
    return factories.make_application(alice, acme)


@pytest.fixture
def secret(shop: Application, alice: User) -> str:
    """The secret of a key of Alice's application."""
    return factories.make_key_and_secret(shop, alice)[1]
