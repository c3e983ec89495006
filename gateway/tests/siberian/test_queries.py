"""The documented queries print what the command reads, field by field."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from gateway.siberian.lines import ApplicationLine, Line, PersonLine, PlatformLine, WhiteLabelLine

OBJECT = re.compile(r"JSON_OBJECT\((.*?)\)\s*FROM ", re.DOTALL)
NAME = re.compile(r"^  '(\w+)', ", re.MULTILINE)


def queries() -> dict[str, set[str]]:
    """Return the names that each query prints, by the kind that it prints first."""
    sql = (Path(settings.BASE_DIR) / "docs" / "siberian.md").read_text().partition("```sql\n")[2].partition("```")[0]
    printed = [NAME.findall(names) for names in OBJECT.findall(sql)]
    kinds = re.findall(r"'kind', '(\w+)'", sql)
    return {kind: set(names) for kind, names in zip(kinds, printed, strict=True)}


@pytest.mark.parametrize(
    ("kind", "line", "elsewhere"),
    [
        ("platform", PlatformLine, {"sender_name", "sender_email"}),  # the support's name and address
        ("person", PersonLine, set()),
        ("white_label", WhiteLabelLine, set()),
        ("application", ApplicationLine, set()),
    ],
)
def test_a_query_prints_every_field_that_is_read(kind: str, line: type[Line], elsewhere: set[str]) -> None:
    assert queries()[kind] == line.model_fields.keys() - {"number"} - elsewhere


def test_every_query_is_known() -> None:
    assert queries().keys() == {"platform", "person", "white_label", "application"}
