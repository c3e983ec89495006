"""A key ring that opens nothing of what is stored stops every process with a sentence; nothing else does."""

import os
import sys
import threading
from collections.abc import Callable
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.core.management import call_command

from backoffice.sealed import SEALED
from gateway.choices import State
from gateway.models import Key
from people.models import User
from smtp_settings.key_ring import fault, require_fitting
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.sealing import key_id
from testing.factories import make_application, make_key, make_server
from testing.processes import CELERY, WORKER, ProcessFactory
from whitelabel.models import WhiteLabel

OLD, NEW = b"o" * 32, b"n" * 32
IN_BASE64 = {OLD: "b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28=", NEW: "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4="}


def a_server(alice: User, acme: WhiteLabel) -> None:
    make_server(secret="secret")


def a_check(alice: User, acme: WhiteLabel) -> None:
    SmtpCheck.objects.create(kind="TEST", scope_key="platform", policy="PLATFORM").seal_secret("secret")


def a_key(alice: User, acme: WhiteLabel) -> None:
    make_key(make_application(alice, acme), alice)


def a_second_factor(alice: User, acme: WhiteLabel) -> None:
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")


def recovery_codes(alice: User, acme: WhiteLabel) -> None:
    RecoveryCodes.activate(alice)


SECRETS = [a_server, a_check, a_key, a_second_factor, recovery_codes]


@pytest.mark.django_db
@pytest.mark.parametrize("store", SECRETS)
def test_whatever_is_stored_names_a_ring_that_opens_nothing(
    store: Callable[[User, WhiteLabel], None], settings: LazySettings, alice: User, acme: WhiteLabel
) -> None:
    settings.SECRETS_KEYS = [OLD]
    store(alice, acme)
    settings.SECRETS_KEYS = [NEW]
    sentence = fault(SEALED)
    assert f"it holds the keys {key_id(NEW)}, and what is stored was sealed with {key_id(OLD)}." in sentence
    settings.SECRETS_KEYS = [NEW, OLD]
    assert fault(SEALED) == ""


@pytest.mark.django_db
def test_a_ring_that_opens_something_or_has_nothing_to_open_fits(settings: LazySettings) -> None:
    assert fault(SEALED) == ""
    settings.SECRETS_KEYS = [OLD]
    make_server(secret="lost")
    settings.SECRETS_KEYS = [NEW]
    make_server(secret="kept")
    assert fault(SEALED) == ""


@pytest.mark.django_db
def test_what_is_lost_for_good_can_be_forgotten(settings: LazySettings, alice: User, acme: WhiteLabel) -> None:
    settings.SECRETS_KEYS = [OLD]
    for store in SECRETS:
        store(alice, acme)
    settings.SECRETS_KEYS = [NEW]
    kept = make_server(secret="kept")
    call_command("rotate_secrets", "--forget-lost", stdout=StringIO(), stderr=StringIO())
    kept.delete()
    assert fault(SEALED) == ""
    assert Key.objects.get().state == State.REVOKED
    assert not Authenticator.objects.exists()
    assert not SmtpServer.objects.get().has_secret


@pytest.fixture
def sealed_with_another_key(settings: LazySettings, transactional_db: None) -> None:
    settings.SECRETS_KEYS = [OLD]
    make_server(secret="secret")


WEB = [sys.executable, "-c", "import backoffice.wsgi"]  # what each worker of gunicorn does first
GUNICORN = [sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--bind", "127.0.0.1:0"]
DOOR = [sys.executable, "manage.py", "smtp_submission"]
REFUSALS = [(GUNICORN, 3), ([*GUNICORN, "--preload"], 3), (WORKER, 2), ([*CELERY, "beat"], 2), (DOOR, 2)]


@pytest.mark.usefixtures("sealed_with_another_key", "valkey")
@pytest.mark.parametrize(("command", "code"), REFUSALS, ids=["web", "web preloaded", "worker", "beat", "door"])
def test_no_process_starts_with_it(command: list[str], code: int, process_factory: ProcessFactory) -> None:
    certificate = os.devnull  # is not read any more
    process = process_factory(command, SECRETS_KEYS=IN_BASE64[NEW], SUBMISSION_CERTIFICATE=certificate)
    assert process.wait() == code
    assert process.said.count("Cannot start: SECRETS_KEYS opens nothing of what is stored") == 1
    assert "Put the keys back" in process.said


@pytest.mark.usefixtures("sealed_with_another_key", "valkey")
def test_a_process_starts_where_an_older_key_of_the_ring_fits(process_factory: ProcessFactory) -> None:
    process = process_factory(WEB, SECRETS_KEYS=f"{IN_BASE64[NEW]},{IN_BASE64[OLD]}")
    assert (process.wait(), process.said) == (0, "")


def test_a_database_that_is_away_is_not_taken_for_it(process_factory: ProcessFactory) -> None:
    process = process_factory(WEB, DATABASE_URL="postgres://u:p@127.0.0.1:1/none")
    assert process.wait() == 0
    assert "Whether SECRETS_KEYS opens what is stored cannot be told" in process.said


def test_a_database_that_was_never_migrated_is_not_either(process_factory: ProcessFactory) -> None:
    process = process_factory(WEB, DATABASE_URL="sqlite:///:memory:")
    assert process.wait() == 0


@pytest.mark.django_db
def test_the_look_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtp_settings.key_ring.PATIENCE_SECONDS", 0)
    require_fitting(SEALED)
    for look in [thread for thread in threading.enumerate() if thread.name == "look at the key ring"]:
        look.join()  # it goes on behind the test, where there is no database for it
