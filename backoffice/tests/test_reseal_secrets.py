"""Changing the key that stored secrets are sealed with."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from smtp_settings.sealing import sealed_with_newest_key
from testing.factories import make_server

OLD, NEW = b"o" * 32, b"n" * 32

pytestmark = pytest.mark.django_db


def reseal() -> None:
    call_command("reseal_secrets", stdout=StringIO())


def test_every_secret_opens_with_the_new_key_alone_afterwards(settings: LazySettings) -> None:
    settings.SECRETS_KEYS = [OLD]
    server = make_server(secret="hunter2")
    settings.SECRETS_KEYS = [NEW, OLD]
    reseal()
    reseal()
    settings.SECRETS_KEYS = [NEW]
    server.refresh_from_db()
    assert server.open_secret() == "hunter2"
    assert sealed_with_newest_key(server.sealed_secret)


def test_a_secret_that_no_key_opens_is_named_and_left_alone(settings: LazySettings) -> None:
    settings.SECRETS_KEYS = [OLD]
    server = make_server(secret="hunter2", host="lost.example.com")
    kept = server.sealed_secret
    settings.SECRETS_KEYS = [NEW]
    with pytest.raises(CommandError, match=r"lost\.example\.com"):
        reseal()
    server.refresh_from_db()
    assert server.sealed_secret == kept
