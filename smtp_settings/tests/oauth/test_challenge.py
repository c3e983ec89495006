"""What a server answers to a refused XOAUTH2, which may be anything."""

import pytest

from smtp_settings.oauth.challenge import meaning_of


@pytest.mark.parametrize("challenge", [b"[" * 100_000, b"9" * 5_000, b"[]", b"\xff", b""])
def test_an_answer_that_cannot_be_read_means_nothing(challenge: bytes) -> None:
    assert meaning_of(challenge) == ""
