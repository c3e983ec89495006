"""How the secret of a key is written."""

import re
import zlib
from functools import reduce

import pytest

from gateway.secret import ALPHABET, SECRET_CHARS, checksum, hashed, new_prefix, new_secret, prefix_of


def test_a_secret_is_known_by_its_beginning_and_its_length() -> None:
    secret = new_secret(new_prefix())
    assert re.fullmatch(r"bo_mail_[a-z0-9]{12}_[A-Za-z0-9]{46}", secret)
    assert len(secret) == SECRET_CHARS


def test_its_end_is_the_checksum_of_the_rest() -> None:
    secret = new_secret(new_prefix())
    assert checksum(secret[:-6]) == secret[-6:]
    digits = [ALPHABET.index(letter) for letter in checksum("bo_mail_abc")]
    assert reduce(lambda number, digit: number * 62 + digit, digits) == zlib.crc32(b"bo_mail_abc")


def test_no_two_secrets_are_alike() -> None:
    assert len({new_secret("a" * 12) for _ in range(500)}) == 500


@pytest.mark.parametrize("typed", ["bo_mail_abcdefghijk1_", "bo_mail_abcdefghijk1_cut", "bo_mail_abcdefghijk1_é\n"])
def test_the_prefix_is_read_from_a_secret_that_was_cut_short_too(typed: str) -> None:
    assert prefix_of(typed) == "abcdefghijk1"


@pytest.mark.parametrize("typed", ["", "hunter2", "bo_mail_", "bo_mail_ABCDEFGHIJKL_x", " bo_mail_abcdefghijk1_", "\0"])
def test_other_texts_have_no_prefix(typed: str) -> None:
    assert prefix_of(typed) == ""


def test_every_text_has_a_hash() -> None:
    assert len(hashed("\ud800")) == len(hashed("")) == 64
