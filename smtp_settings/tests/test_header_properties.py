"""Any text in a header field is read back as it was typed, by three readers of which no two share their code.

They are Python's newer parser, its older one, and fast-mail-parser (the Rust crate mailparse). Where one is wrong by
the RFC, the test says so and leaves that one out.
"""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

import pytest
from fast_mail_parser import parse_email, parse_email_tree
from hypothesis import given
from hypothesis import strategies as st

from phrases.names import CONTROL
from smtp_settings.header_fields import (
    address_field,
    attachment_field,
    field,
    mailboxes_in,
    readable,
    structured_field,
    text_field,
)
from smtp_settings.mailboxes import mailbox, mailboxes
from testing.properties import examples

pytestmark = pytest.mark.properties

WORDS = [
    "Nord",
    "Müller",
    "Łódź",
    "and",
    "& Co.",
    "a,b",
    "(c)",
    "x@y",
    "日本語",
    "😀",
    "é",
    "'s",
    "\\",
    ";",
    ":",
    "<x>",
]
ENCODED = [
    "=?utf-8?q?caf=C3=A9?=",
    "=?utf-8?q?a=0D=0ABcc:_x@users.test?=",
    "=?",
    "?=",
    "=?utf-8?b?",
    '"q"',
    "''",
    "%41",
]
LONG = ["ü" * 60, "x" * 90, "y" * 700]
characters = st.characters(exclude_categories=["Cs"]).filter(lambda char: not CONTROL.match(char))
phrases = st.lists(st.sampled_from([*WORDS, *ENCODED, *LONG]), min_size=1, max_size=9).map(" ".join)
texts = st.one_of(
    phrases, st.text(characters, min_size=1, max_size=200), st.text(st.sampled_from(' aé="?'), min_size=1)
)
names = texts.map(str.strip).filter(bool)
addresses = st.sampled_from(["eve@users.test", "a-local-part-of-28-characters@users.test", '"f, g"@users.test'])
people = st.lists(st.tuples(st.one_of(st.just(""), names), addresses), min_size=1, max_size=4)


def wire(written: str) -> bytes:
    """Return a message of one field, which has lawful lines (RFC 5322 2.1.1)."""
    octets = written.encode()
    lines = octets.removesuffix(b"\r\n").split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line and line.strip() and len(line) <= 998 for line in lines)
    assert all(line.startswith(b" ") for line in lines[1:])
    assert "=??=" not in written, "an empty encoded word"
    return octets + b"\r\nBody"


def older(octets: bytes, name: str) -> str:
    """Return the value of the only field, unfolded."""
    message: Message = message_from_bytes(octets)
    assert message.keys() == [name]
    return str(message[name]).replace("\r\n", "")


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


@given(texts, st.sampled_from(["Subject", "X-Campaign"]))
@examples(400)
def test_a_text_is_the_same_for_every_reader(text: str, name: str) -> None:
    octets = wire(text_field(name, text))
    assert octets.isascii()
    assert str(message_from_bytes(octets, policy=policy.default)[name]) == text
    assert decoded(older(octets, name)) == text
    assert parse_email(octets).headers == {name: [text]}


@given(texts)
@examples(300)
def test_a_text_beside_international_addresses_is_the_same_as_well(text: str) -> None:
    octets = wire(text_field("Subject", text, utf8=True))
    assert parse_email(octets).subject == text


@given(people)
@examples(400)
def test_names_and_addresses_are_the_same_for_every_reader(people: list[tuple[str, str]]) -> None:
    """Python's newer parser reads the addresses; of names it loses or doubles blanks (RFC 2047 6.2; until 3.13.2)."""
    octets = wire(address_field("Cc", people))
    assert octets.isascii()
    newer = message_from_bytes(octets, policy=policy.default)["Cc"].addresses
    assert [mailbox.addr_spec for mailbox in newer] == [address for _, address in people]
    read = [(decoded(name), address) for name, address in getaddresses([older(octets, "Cc")])]
    assert read == people
    others = parse_email(octets).cc
    if not any('"' in address for _, address in people):  # it loses quotes before an @ (RFC 5322 3.4.1)
        assert [(mailbox.display_name or "", mailbox.address) for mailbox in others] == people


@given(people)
@examples(300)
def test_names_are_the_same_for_whoever_reads_them_as_typed(people: list[tuple[str, str]]) -> None:
    joined = ", ".join(readable(name, address) for name, address in people)
    assert mailboxes_in(joined) == people
    assert mailboxes(joined) == people
    assert [mailbox(readable(name, address)) for name, address in people] == people


@given(st.lists(st.text(st.sampled_from("<>ab.@=?_utf8q-:/+"), min_size=1, max_size=90), min_size=1, max_size=30))
@examples(300)
def test_what_software_reads_is_unfolded_to_what_was_given(words: list[str]) -> None:
    value = " ".join(words)
    octets = wire(structured_field("References", value))
    assert older(octets, "References") == value
    assert field("references", value).lower() == structured_field("references", value).lower()
    assert b"".join(octets.removesuffix(b"\r\nBody").split(b"\r\n")).decode() == f"References: {value}"


@given(names)
@examples(400)
def test_the_name_of_a_file_is_the_same_for_every_reader(name: str) -> None:
    """Python takes quotes and angle brackets around a name away, even where RFC 2231 wrote them: left out then."""
    octets = wire(attachment_field(name))
    assert octets.isascii()
    assert parse_email_tree(octets).filename == name
    if name[0] not in '"<':
        for rules in (policy.default, policy.compat32):
            assert message_from_bytes(octets, policy=rules).get_filename() == name


@given(
    st.text(st.characters(exclude_characters=""), max_size=60), st.sampled_from(["\r", "\n", "\r\n ", "\x00", "\ud800"])
)
@examples(200)
def test_what_no_header_can_have_is_refused_wherever_it_stands(text: str, bad: str) -> None:
    for write in (
        lambda value: text_field("Subject", value),
        lambda value: structured_field("References", value),
        lambda value: address_field("To", [(value, "eve@users.test")]),
        lambda value: address_field("To", [("", f"{value}@users.test")], utf8=True),
        attachment_field,
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            write(f"{text}{bad}{text}")
