"""DKIM key records: what is said of one is what dkimpy's verifier makes of a mail that was signed with its key."""

import dkim as dkimpy
import pytest

from whitelabel.dns.dkim import problem, same_key
from whitelabel.dns.tags import tags_of
from whitelabel.tests.dns.dkim_keys import DkimKey, bare_rsa_key, ed25519_key, rsa_key, short_rsa_key

MAIL = b"From: shop@acme.test\r\nTo: you@users.test\r\nSubject: Hello\r\n\r\nHello\r\n"
KEY = rsa_key()


def verifies(record: str, key: DkimKey = KEY, algorithm: bytes = b"rsa-sha256") -> bool:
    """Return whether a signature by `key` is verified with `record` as dkimpy reads it."""
    signature = dkimpy.sign(MAIL, b"k1", b"acme.test", key.private, signature_algorithm=algorithm)
    verified: bool = dkimpy.verify(signature + MAIL, dnsfunc=lambda *_, **__: record.encode())
    return verified


SOUND = [
    f"v=DKIM1; k=rsa; p={KEY.public}",
    f"p={KEY.public}",
    f"v=DKIM1;p={KEY.public};",
    f"v=DKIM1; n=made today; t=s; p={KEY.public}",
    f"v=DKIM1; h=sha1:sha256; s=*; p={KEY.public}",
    f"v=DKIM1; s=email; p={KEY.public[:40]} {KEY.public[40:]}",
    f"v=DKIM1; unknown=tag; p={KEY.public}",
]
BROKEN = {
    f"v=DKIM1;; p={KEY.public}": "It is no DKIM key record.",
    f"v=DKIM2; p={KEY.public}": "It is no DKIM key record.",
    f"v=DKIM1; P={KEY.public}": "It is no DKIM key record.",
    f'"v=DKIM1; p={KEY.public}"': "It is no DKIM key record.",
    f"v=DKIM1; p={KEY.public}; p={KEY.public}": "It is no DKIM key record.",
    "v=DKIM1; p=": "The key was revoked: p= is empty.",
    f"v=DKIM1; p={KEY.public[:60]}": "The key is cut off or changed: p= holds no RSA key.",
    f"v=DKIM1; s=tlsrpt; p={KEY.public}": "The key is not for mail: s= names another service.",
    f"v=DKIM1; k=ed25519; p={KEY.public}": "An Ed25519 key has 32 bytes, not 162.",
}


@pytest.mark.parametrize("record", SOUND)
def test_a_sound_key_verifies(record: str) -> None:
    assert problem(record) == ""
    assert same_key(SOUND[0], record)
    assert verifies(record)


@pytest.mark.parametrize(("record", "why"), BROKEN.items())
def test_of_a_broken_key_it_is_said_why(record: str, why: str) -> None:
    assert problem(record) == why
    assert not same_key(SOUND[0], record)
    assert not verifies(record)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (f"k=rsa; v=DKIM1; p={KEY.public}", "It is no DKIM key record."),  # RFC 6376 3.6.1: v= must be the first tag
        (f"TXT v=DKIM1; p={KEY.public}", "It is no DKIM key record."),  # 3.2: a tag's name has no blank
        (f"v=DKIM1; h=sha1; p={KEY.public}", "The key does not allow sha256: see h=."),  # 3.6.1: h=
    ],
)
def test_dkimpy_takes_what_the_standard_refuses(record: str, why: str) -> None:
    assert verifies(record)
    assert problem(record) == why


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (f"v=DKIM1; p={KEY.public[:57]}", "The key is cut off or changed: p= is no base64."),
        (f"v=DKIM1; k=dsa; p={KEY.public}", "The key is of a type that mail servers do not know: see k=."),
    ],
)
def test_what_dkimpy_cannot_read_is_refused(record: str, why: str) -> None:
    assert problem(record) == why
    with pytest.raises((dkimpy.KeyFormatError, ValueError)):
        dkimpy.load_pk_from_dns(b"k1._domainkey.acme.test", dnsfunc=lambda *_, **__: record.encode())


def test_ed25519_keys_are_judged_as_rfc_8463_says() -> None:
    key = ed25519_key()
    record = f"v=DKIM1; k=ed25519; p={key.public}"
    assert problem(record) == ""
    assert verifies(record, key, b"ed25519-sha256")
    assert not same_key(record, f"v=DKIM1; p={key.public}")
    assert problem(f"v=DKIM1; k=ed25519; p={key.public[:40]}") == "An Ed25519 key has 32 bytes, not 30."


@pytest.mark.parametrize("bits", [512, 768, 1023])
def test_a_short_key_is_said_to_be_too_short(bits: int) -> None:
    assert problem(f"p={short_rsa_key(bits)}") == f"The key has {bits} bits; mail servers take none below 1024."


def test_longer_keys_are_sound() -> None:
    assert problem(f"p={rsa_key(2048).public}") == ""


def test_a_bare_rsa_key_is_taken_as_verifiers_take_it() -> None:
    assert problem(f"p={bare_rsa_key()}") == ""


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("a=1; b=2", {"a": "1", "b": "2"}),
        (" a = 1 ;\tb_2 = x y ; ", {"a": "1", "b_2": "x y"}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        *((text, {}) for text in ("", ";", "a", "a;b=1", "a=1;;b=2", "1a=2", "a b=1", "a=1;a=2", "a=\u00e9", "=1")),
    ],
)
def test_tag_lists_are_read_as_rfc_6376_writes_them(text: str, tags: dict[str, str]) -> None:
    assert tags_of(text) == tags
