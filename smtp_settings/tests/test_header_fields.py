"""Header fields as they are written, and what two parsers of Python read in them."""

from email import message_from_string, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest

from smtp_settings.header_fields import (
    address_field,
    attachment_field,
    field,
    mailboxes_in,
    readable,
    structured_field,
    text_field,
)

COMMA = "Society of Friends of the Long and Winding Display Name, Department of Corrections and Commas"
TEXTS = [
    "Your order 1234",
    "",
    "=?utf-8?q?caf=C3=A9?=",
    "about =?utf-8?q?caf=C3=A9?= and more",
    "=?utf-8?q?a=0D=0ABcc:_x@users.test?=",
    "Re: Grüße aus München",
    "Nord Müller Söhne Łódź Łódź Müller Söhne",
    "two  blanks ü  and  three   more ",
    " blanks around ",
    "日本語" * 60,
    "😀" * 100,
    "x" * 900,
    "ü" + "x" * 900,
    "a long subject of plain words, " * 9 + "and  two blanks",
]
NAMES = [
    "Eve",
    "Doe, Eve",
    'The "Shop" \\ (c)',
    "a@b.example",
    "Zoë Müller",
    "Müller, Söhne & Co.",
    "Nord Müller Söhne Łódź Łódź Müller Söhne",
    "=?utf-8?q?caf=C3=A9?=",
    COMMA,
    COMMA.replace("o", "ö"),
    "日本語" * 60,
]


def lines_of(written: str) -> list[str]:
    """Return the lines, none of which may hold a line end of its own."""
    assert written.endswith("\r\n")
    lines = written.removesuffix("\r\n").split("\r\n")
    assert all(line.strip() and "\r" not in line and "\n" not in line for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    assert max(len(line.encode()) for line in lines) <= 998
    return lines


def read_twice(written: str, name: str) -> tuple[str, str]:
    """Return the text of a field as the newer and the older parser read it."""
    newer, older = (
        message_from_string(written + "\r\nBody", policy=rules) for rules in (policy.default, policy.compat32)
    )
    assert newer.keys() == older.keys() == [name]
    return str(newer[name]), str(make_header(decode_header(older[name].replace("\r\n", ""))))


def names_read(written: str) -> list[tuple[str, str]]:
    """Return names and addresses as the older parser reads them; the newer one doubles blanks (until 3.13.2)."""
    (value,) = message_from_string(written + "\r\nBody").values()
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_as_it_was_typed(text: str) -> None:
    written = text_field("Subject", text)
    assert written.isascii()
    assert lines_of(written) if text else written == "Subject: \r\n"
    assert read_twice(written, "Subject") == (text, text)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_beside_international_addresses_stays_as_it_is_but_for_what_would_be_decoded(text: str) -> None:
    written = text_field("Subject", text, utf8=True)
    assert read_twice(written, "Subject")[0] == text
    assert text in written or "=?" in text or text != text.strip() or len(text) > 76


@pytest.mark.parametrize("text", [*TEXTS, *NAMES])
def test_no_line_with_an_encoded_word_is_over_76_characters(text: str) -> None:
    written = text_field("X-Campaign", text) + (address_field("Reply-To", [(text, "a@users.test")]))
    assert all(len(line) <= 76 for line in written.split("\r\n") if "=?" in line)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("utf8", [False, True])
def test_a_display_name_is_read_as_it_was_typed(name: str, utf8: bool) -> None:
    people = [(name, "eve@users.test"), ("", "fay@users.test"), (name, "gus@users.test")]
    written = address_field("To", people, utf8=utf8)
    assert lines_of(written)
    assert names_read(written) == people
    mailboxes = message_from_string(written + "\r\n", policy=policy.default)["To"].addresses
    assert [mailbox.addr_spec for mailbox in mailboxes] == [address for _, address in people]


def test_a_comma_behind_a_long_address_stays_a_comma() -> None:
    people = [("Zoë Müller", "a-local-part-of-28-characters@users.test"), ("", "b@users.test")]
    assert names_read(address_field("Cc", people)) == people


def test_a_name_that_fits_into_one_encoded_word_is_read_by_the_newer_parser_as_well() -> None:
    written = address_field("Cc", [("Nord Müller Söhne Łódź Łódź Süd", "eve@users.test")])
    (mailbox,) = message_from_string(written + "\r\n", policy=policy.default)["Cc"].addresses
    assert mailbox.display_name == "Nord Müller Söhne Łódź Łódź Süd"


@pytest.mark.parametrize(
    "name", ["List-Unsubscribe", "List-Unsubscribe-Post", "References", "in-reply-to", "Feedback-ID"]
)
def test_what_software_reads_is_folded_and_never_encoded(name: str) -> None:
    value = " ".join(f"<{number}.{'x' * 40}@users.test>" for number in range(9))
    lines = lines_of(field(name, value))
    assert max(map(len, lines)) <= 78
    assert "".join(lines) == f"{name}: {value}"
    assert field(name, f"<{'x' * 900}>") == f"{name}: <{'x' * 900}>\r\n"


@pytest.mark.parametrize("value", ["<https://acme.test/ü>", "<" + "x" * 998 + ">", "a\r\nBcc: b", "\ud800"])
def test_what_would_break_a_field_for_software_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"List-Unsubscribe|no header can have"):
        structured_field("List-Unsubscribe", value)


@pytest.mark.parametrize("bad", ["a\r\nBcc: b", "a\nb", "\x00", "\u2028", "\ud800"])
def test_line_ends_and_halves_of_characters_are_never_written(bad: str) -> None:
    for write in (text_field, structured_field):
        with pytest.raises(ValueError, match="no header can have"):
            write("X-A", bad)
    for name, address in ((bad, "a@users.test"), ("Eve", f"{bad}@users.test")):
        with pytest.raises(ValueError, match="no header can have"):
            address_field("To", [(name, address)], utf8=True)
    with pytest.raises(ValueError, match="no header can have"):
        attachment_field(bad)


@pytest.mark.parametrize(
    "address", ["a@users.test>, <b@users.test", "a b@users.test", "a@users.test, b@users.test", ""]
)
def test_what_is_more_than_an_address_is_never_written(address: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        address_field("To", [("Eve", address)])


def test_a_field_of_nobody_is_never_written() -> None:
    with pytest.raises(ValueError, match="Cc names nobody"):
        address_field("Cc", [])


def test_an_address_in_any_letters_is_written_as_the_message_allows() -> None:
    assert address_field("To", [("", "jo@bücher.test")]) == "To: jo@xn--bcher-kva.test\r\n"
    assert address_field("To", [("Jörg", "jörg@bücher.test")], utf8=True) == "To: Jörg <jörg@bücher.test>\r\n"
    with pytest.raises(ValueError, match="needs SMTPUTF8"):
        address_field("To", [("", "jörg@users.test")])


@pytest.mark.parametrize(
    "name",
    [
        "a.pdf",
        'the "last" \\ offer.pdf',
        "Übersicht.pdf",
        "日本語" * 60,
        "x" * 200,
        "=?utf-8?q?a=0D=0ABcc:_x?=",
        "a;b='%",
    ],
)
def test_the_name_of_a_file_is_read_as_it_was_typed(name: str) -> None:
    written = attachment_field(name)
    assert lines_of(written)
    for rules in (policy.default, policy.compat32):
        assert message_from_string(written + "\r\n", policy=rules).get_filename() == name


@pytest.mark.parametrize("name", ["", *NAMES])
def test_mailboxes_are_taken_apart_as_they_were_put_together(name: str) -> None:
    people = [(name, "eve@users.test"), ("", "fay@users.test"), (name, '"g, h"@users.test')]
    assert mailboxes_in(", ".join(readable(*person) for person in people)) == people


@pytest.mark.parametrize("text", ["eve@users.test,fay@users.test", "Eve <eve@users.test", ", eve@users.test"])
def test_anything_else_is_no_list_of_mailboxes(text: str) -> None:
    with pytest.raises(ValueError, match="no mailbox"):
        mailboxes_in(text)
