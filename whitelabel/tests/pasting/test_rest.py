"""Whatever stands in a paste is read, joined to a value or shown: nothing disappears."""

import json

import pytest

from whitelabel.pasting import read

DOMAIN = "acme.test"
DMARC = "v=DMARC1; p=none; rua=mailto:a@x.test,mailto:b@x.test"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"type,name,value\nTXT,_dmarc,{DMARC}", DMARC),
        (f"TXT,_dmarc,{DMARC}", DMARC),
        ("TXT  @  v=spf1  include:sendgrid.net  ~all", "v=spf1 include:sendgrid.net ~all"),
        ("TXT  mail._domainkey  k=rsa;  p=MIGf", "k=rsa; p=MIGf"),
        ('TXT\tmail._domainkey\t"k=rsa; p=MIG"\t"fMA0"', "k=rsa; p=MIGfMA0"),
    ],
)
def test_a_value_that_goes_on_behind_a_gap_is_joined(text: str, value: str) -> None:
    (row,) = read(text, DOMAIN).rows
    assert row.record.value == value
    assert "The value went on after a gap; its parts were joined." in row.repairs


@pytest.mark.parametrize("text", ["| TXT | a | b=1 | x=1 rest |", "TXT\ta\tb=1\tx=1 rest"])
def test_what_is_left_of_a_line_is_remarked(text: str) -> None:
    (row,) = read(text, DOMAIN).rows
    assert "The rest of the line was not taken: x=1 rest" in row.remarks


HEADER = "| Type | Name | Value |\n|---|---|---|\n"


@pytest.mark.parametrize("text", [r"| TXT | x | a\|b=1 |", rf"{HEADER}| TXT | x | a\|b=1 |", r"|TXT|x|a\|b=1|"])
def test_an_escaped_bar_belongs_to_the_value(text: str) -> None:
    (row,) = read(text, DOMAIN).rows
    assert (row.record.name, row.record.value) == ("x.acme.test", "a|b=1")


TIGHT = ["| TXT | a|b |", "| TXT | x | a|b=1 |", "|TXT|x|a=1|b|"]


@pytest.mark.parametrize("text", [*TIGHT, *(HEADER + line for line in (*TIGHT, "| TXT | x | a=1 | b |"))])
def test_a_bar_that_may_belong_to_a_value_makes_no_wrong_cell(text: str) -> None:
    pasted = read(text, DOMAIN)
    assert (pasted.rows, [one.line for one in pasted.unread]) == ((), [text.splitlines()[-1]])
    assert "which bars part its cells" in pasted.unread[0].why


def test_an_empty_cell_between_bars_keeps_its_column() -> None:
    assert read(f"{HEADER}||TXT|x|", DOMAIN).rows == ()


def test_what_is_inside_a_record_of_json_is_read_or_shown() -> None:
    inner = {"type": "CNAME", "name": "y", "value": "z.example.com"}
    record = {"type": "TXT", "name": "x", "value": "v=1", "note": "remove old one", "alternatives": [inner]}
    pasted = read(json.dumps(record), DOMAIN)
    assert [row.record.type for row in pasted.rows] == ["TXT", "CNAME"]
    assert "note: remove old one" in pasted.unread[0].line


def test_json_without_a_record_is_shown_to_its_end() -> None:
    (whole, *_) = read(json.dumps({"words": "a" * 1000 + "end"}), DOMAIN).unread
    assert "end" in whole.line


def test_control_characters_are_told_of() -> None:
    assert "2 control characters" in [one.line for one in read("TXT\tx\tv=\x07a\x1b", DOMAIN).unread]
