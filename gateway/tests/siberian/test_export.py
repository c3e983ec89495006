"""What the queries print is read line by line; what cannot be read is told without what it says."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.siberian.export import NO_KIND, NOT_JSON, NOT_UTF_8, Export, UnreadableFile, read
from testing.properties import examples

PRINTED = Path(__file__).with_name("export.jsonl")  # by MariaDB 10.11, for tables in latin1, utf8mb3 and utf8mb4
PERSON = b'{"kind": "person", "admin_id": 1, "email": "alice@acme.test"}\n'


def told(*lines: bytes) -> list[str]:
    return [str(note) for note in read(lines).unread]


def printed() -> Export:
    with PRINTED.open("rb") as file:
        return read(file)


def test_everything_that_mariadb_printed_is_read() -> None:
    export = printed()
    assert export.unread == []
    assert list(export.people) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert list(export.white_labels) == [1, 2, 6, 7, 8, 99]
    assert list(export.applications) == list(range(1, 10))


def test_an_id_that_no_column_of_mysql_holds_is_none() -> None:
    assert told(b'{"kind": "person", "admin_id": 1%s}' % (b"0" * 400)) == [
        "line 1: admin_id: input should be less than or equal to 18446744073709551615"
    ]


def test_odd_characters_come_through_as_they_are() -> None:
    export = printed()
    assert export.platform[0].password.get_secret_value() == "p\"a\\s's wörd{}€"
    assert export.people[1].name == "Alice Müller"
    assert export.people[6].name == "Zoë\x81 \x01\x02\t\x7f"  # strip takes the line break at the end
    assert export.applications[2].name == "Acme Loyalty 日本語 😀"
    assert export.applications[4].name == "Zero\0tab\tdel\x7f"
    assert export.applications[9].name == "sep\u2028x"


def test_nothing_is_an_empty_text_and_nobody() -> None:
    export = printed()
    assert (export.people[3].name, export.people[1].parent_id, export.applications[7].name) == ("", 0, "")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"JSON_OBJECT('kind', 'person')\n", NOT_JSON),
        (b'| {"kind": "person"} |\n', NOT_JSON),
        (b'{"kind": "person", "admin_id": 1, "email": "ali\n', NOT_JSON),
        (b'{"kind": "person", "lastname": "\\ud800", "admin_id": 1}\n', NOT_JSON),
        (b'"person"\n', NOT_JSON),
        (b"NULL\n", NOT_JSON),
        (b"[" * 100_000, NOT_JSON),
        ('{"kind": "person", "admin_id": 1, "firstname": "Zoë"}\n'.encode("latin-1"), NOT_UTF_8),
        (b'{"admin_id": 1}\n', NO_KIND),
        (b'{"kind": "invoice", "admin_id": 1}\n', NO_KIND),
        (b'{"kind": "person"}\n', "admin_id: field required"),
        (b'{"kind": "person", "admin_id": 0}\n', "admin_id: input should be greater than or equal to 1"),
        (b'{"kind": "person", "admin_id": 1, "email": ["a"]}\n', "email: input should be a valid string"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number(line: bytes, why: str) -> None:
    assert told(PERSON, line) == [f"line 2: {why}"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
NAMES = st.sampled_from(["admin_id", "app_id", "parent_id", "email", "is_active", "smtp_credentials", "password"])
OBJECTS = st.dictionaries(NAMES, JSON)
KINDS = st.sampled_from(["platform", "person", "white_label", "application"])


@pytest.mark.properties
@examples(300)
@given(line=st.binary() | st.builds(lambda kind, rest: json.dumps(rest | {"kind": kind}).encode(), KINDS, OBJECTS))
def test_no_line_ends_the_reading(line: bytes) -> None:
    assert 1 in read([line.replace(b"\n", b" "), PERSON]).people


def test_the_other_lines_are_read_all_the_same() -> None:
    export = read([b"nonsense\n", b"\n", PERSON])
    assert export.people[1].number == 3


def test_a_second_line_about_the_same_thing_is_told() -> None:
    assert told(PERSON, PERSON) == ["line 2, admin 1: it stands in line 1 already"]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert told(b"\xef\xbb\xbf" + PERSON) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_file_in_utf_16_is_refused_as_a_whole(encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    with pytest.raises(UnreadableFile, match="UTF-16"):
        read((mark + PERSON.decode().encode(encoding)).splitlines(keepends=True))


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind": "platform", "password": ["s3cret"]}\n',
        b'{"kind": "platform", "password": "s3cret", "enable_custom_smtp": "s3cret"}\n',
        b'{"kind": "s3cret"}\n',
        b'{"kind": "platform", "password": "s3cret\n',
    ],
)
def test_what_is_told_never_says_what_the_line_says(line: bytes) -> None:
    assert told(line)
    assert "s3cret" not in told(line)[0]


def test_what_was_read_shows_no_password() -> None:
    assert "wörd" not in repr(printed())
    assert "globex-secret" not in repr(printed())
