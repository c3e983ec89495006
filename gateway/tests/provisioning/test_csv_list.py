"""Lists in CSV as spreadsheets save them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from gateway.choices import Kind
from gateway.provisioning import csv_list
from gateway.provisioning.csv_list import MAX_BYTES
from gateway.provisioning.items import Item


def _read(text: str, kind: Kind = Kind.PEOPLE) -> csv_list.Reading:
    return csv_list.read(kind, text.encode())


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_however_it_was_saved(mark: str, delimiter: str, end: str) -> None:
    lines = [["Ref", "Name ", "EMAIL"], ["u-1", '"Zoë, the ""first"""', "zoe@acme.test"], ["", "", ""]]
    items, problems = _read(mark + end.join(delimiter.join(line) for line in lines))
    assert problems == []
    assert items == [Item("u-1", {"name": 'Zoë, the "first"', "email": "zoe@acme.test"}, 2)]


def test_an_empty_cell_empties_the_field_and_a_column_that_is_not_there_leaves_it() -> None:
    text = "ref,name,white_label,daily_limit\na-1,Shop,,\n"
    assert _read(text, Kind.APPLICATIONS)[0][0].fields == {"name": "Shop", "white_label": None, "daily_limit": 0}


def test_admins_stand_between_bars() -> None:
    items, _ = _read("ref,name,admins\nw-1,Acme,u-1| u 2 |\nw-2,Globex,\n", Kind.WHITE_LABELS)
    assert [item.fields["admins"] for item in items] == [["u-1", "u 2"], []]


def test_each_problem_names_its_line_where_a_cell_has_several() -> None:
    text = 'ref,name,daily_limit\na-1,"two\nlines",1\na-2,Shop,many\na-3\n,Shop,1\n'
    problems = _read(text, Kind.APPLICATIONS)[1]
    assert [(each.at, each.ref, each.field) for each in problems] == [
        (4, "a-2", "daily_limit"), (5, "a-3", ""), (6, "", "ref")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"), (b"\xef\xbb\xbf \n", "empty"), ("ref,name\nu-1,Zoë".encode("latin-1"), "not in UTF-8"),
        ("ref,name\nu-1,x".encode("utf-16"), "not in UTF-8"), (b"ref,name\n", "no lines"),
        (b"ref,name\nu-1,\0", "NUL"), (b"name,email\nx,y", "the column ref is missing"),
        (b"ref,surname\nu-1,x", "“surname” is none of its columns"), (b"ref,name,name\nu-1,x,y", "twice"),
        (b'ref,name\nu-1,"x\n', "quotation marks"), (b'ref,name\nu-1,"x"y\n', "quotation marks"),
        (b"ref,name\nu-1," + b"x" * 200_000, "Line 2"), (b"x" * (MAX_BYTES + 1), "at most 8 MB"),
        (b"PK\x03\x04\x14\0\x06\0", "NUL"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        csv_list.read(Kind.PEOPLE, content)


@pytest.mark.properties
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"ref,name\n{text}".encode("utf-8", "replace")))
def test_whatever_the_file_it_is_read_or_refused(content: bytes) -> None:
    try:
        items, problems = csv_list.read(Kind.PEOPLE, content)
    except ValidationError:
        return
    assert items or problems
