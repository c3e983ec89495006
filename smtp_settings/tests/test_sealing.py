"""Sealed secrets: opened only where they were sealed, and with every key of the ring."""

import base64
import os

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from smtp_settings import sealing
from smtp_settings.models import SmtpServer
from testing import factories


@given(st.text(min_size=1))
def test_what_is_sealed_can_be_opened_in_its_place(secret: str) -> None:
    assert sealing.open_sealed(sealing.seal(secret, binding="here"), binding="here") == secret


def test_the_same_secret_never_looks_the_same() -> None:
    assert sealing.seal("secret", binding="here") != sealing.seal("secret", binding="here")


def test_a_sealed_text_does_not_show_the_secret() -> None:
    sealed = sealing.seal("correct horse", binding="here")
    assert "correct horse" not in sealed
    assert base64.b64encode(b"correct horse").decode().rstrip("=") not in sealed


@pytest.mark.parametrize("sealed", ["", "v1", "v1.x", "v1.x.y", "v2.x.y", "a.b.c.d", "v1.00000000.AAAA", "\x00"])
def test_what_is_no_sealed_text_cannot_be_opened(sealed: str) -> None:
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(sealed, binding="here")


@given(st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=255))
def test_a_sealed_text_that_was_changed_cannot_be_opened(position: int, difference: int) -> None:
    version, key, body = sealing.seal("secret", binding="here").split(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[position] ^= difference
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(".".join((version, key, base64.urlsafe_b64encode(raw).decode())), binding="here")


@pytest.mark.parametrize("body", ["", "AAAA", "AAAAAAAAAAAAAAAA", "ä", "=", "A"])
def test_a_sealed_text_that_was_cut_cannot_be_opened(body: str) -> None:
    version, key, _ = sealing.seal("secret", binding="here").split(".")
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(".".join((version, key, body)), binding="here")


def test_a_key_that_is_no_longer_the_newest_still_opens(settings: LazySettings) -> None:
    sealed = sealing.seal("secret", binding="here")
    settings.SECRETS_KEYS = [os.urandom(32), *settings.SECRETS_KEYS]
    assert sealing.open_sealed(sealed, binding="here") == "secret"
    assert not sealing.sealed_with_newest_key(sealed)
    assert sealing.sealed_with_newest_key(sealing.seal("secret", binding="here"))


def test_a_key_that_left_the_ring_opens_nothing(settings: LazySettings) -> None:
    sealed = sealing.seal("secret", binding="here")
    settings.SECRETS_KEYS = [os.urandom(32)]
    with pytest.raises(sealing.CannotOpen) as error:
        sealing.open_sealed(sealed, binding="here")
    assert "secret cannot be opened" in str(error.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scope_key", "white-label:2"),
        ("host", "evil.example"),
        ("port", 2526),
        ("security", "IMPLICIT_TLS"),
        ("auth", "NONE"),
        ("username", "other"),
    ],
)
def test_a_row_that_was_edited_cannot_be_opened(field: str, value: object) -> None:
    server = factories.make_server(scope_key="white-label:1", secret="secret")
    SmtpServer.objects.filter(pk=server.pk).update(**{field: value})
    with pytest.raises(sealing.CannotOpen):
        SmtpServer.objects.get(pk=server.pk).open_secret()


@pytest.mark.django_db
def test_a_sealed_text_copied_to_another_row_cannot_be_opened() -> None:
    mine, theirs = factories.make_server(secret="mine"), factories.make_server(secret="theirs")
    theirs.sealed_secret = mine.sealed_secret
    theirs.save()
    with pytest.raises(sealing.CannotOpen):
        SmtpServer.objects.get(pk=theirs.pk).open_secret()


@pytest.mark.django_db
def test_what_a_secret_does_not_belong_to_may_change() -> None:
    server = factories.make_server(secret="secret")
    SmtpServer.objects.filter(pk=server.pk).update(sender_name="New", sender_address="new@platform.test")
    assert SmtpServer.objects.get(pk=server.pk).open_secret() == "secret"


@pytest.mark.django_db
def test_a_server_shows_no_secret_of_its_own_accord() -> None:
    server = factories.make_server(secret="canary-5521")
    assert "canary-5521" not in f"{server!r} {server} {server.__dict__}"
