"""The audit log in a file: whole, with digests that anybody can compute anew, and safe in a spreadsheet."""

import csv
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from people.audit import record
from people.audit_export import cell, csv_lines, json_lines
from people.models import AuditEntry, User
from people.models.audit_entry import READ_AT_ONCE
from phrases.phrase import Phrase

pytestmark = pytest.mark.django_db
COVERED = "previous at person who white_label address act path changes detail".split()


@pytest.fixture
def entries(owner: User) -> list[AuditEntry]:
    change: Any = {"thing": "whitelabel.Application 7", "field": "name", "before": "=1+1", "after": "Ü"}
    return [
        record("sign_in", person=owner, address="192.0.2.1", path="/accounts/login/"),
        record("whitelabel.application.change", person=owner, white_label=5, changes=[change]),
        record("secrets.rotate", who="manage.py rotate_secrets", detail=Phrase("%(count)s left", count=1)),
    ]


def exported(*arguments: str) -> str:
    out = io.StringIO()
    call_command("export_audit", *arguments, stdout=out)
    return out.getvalue()


def test_the_digests_of_json_lines_can_be_computed_without_the_product(entries: list[AuditEntry]) -> None:
    before = ""
    for line in map(json.loads, exported().splitlines()):
        text = json.dumps([line[name] for name in COVERED], sort_keys=True, separators=(",", ":"))
        assert line["digest"] == hashlib.sha256(text.encode()).hexdigest()
        assert line["previous"] == before
        before = line["digest"]
    assert before == AuditEntry.objects.get(act="audit.export").digest


def test_the_export_is_an_entry_itself(entries: list[AuditEntry]) -> None:
    exported("--format", "csv", "--since", "2026-11-01")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.who) == ("audit.export", "manage.py export_audit")
    assert entry.detail is not None
    assert entry.detail.parameters == {"since": "2026-11-01", "format": "csv"}


def test_only_what_is_younger_is_exported(entries: list[AuditEntry]) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    assert exported("--since", tomorrow.date().isoformat()) == ""
    assert len(exported("--since", timezone.now().date().isoformat()).splitlines()) == 3 + 2  # with both exports


def test_a_file_is_written_and_none_is_overwritten(entries: list[AuditEntry], tmp_path: Path) -> None:
    exported("--output", str(tmp_path / "log.jsonl"))
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 4
    with pytest.raises(CommandError, match="cannot be written"):
        exported("--output", str(tmp_path / "log.jsonl"))


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n1", " =1", "＝1", "=cmd|'/c calc'!A0"]
)
def test_no_cell_begins_a_formula(value: str) -> None:
    entry = record("sign_in", who=value, path=value)
    (row,) = csv.DictReader(io.StringIO("".join(csv_lines([entry])), newline=""))
    assert (row["who"], row["path"]) == (f"'{value}", f"'{value}")
    assert cell(value.strip("\r\n\t =＝+-@")[:1]) in ("1", "S", "c")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("x;=1+1;y", "x;'=1+1;y"),
        ("x; @a\t-b\n＋c", "x;' @a\t'-b\n'＋c"),
        ('[{"after": "x;=1"}]', """[{"after": "x;'=1"}]"""),
        ("a=1, b-2; c+3", "a=1, b-2; c+3"),
    ],
)
def test_no_part_of_a_cell_begins_a_formula_where_a_spreadsheet_may_split_it(value: str, written: str) -> None:
    assert cell(value) == written


def test_csv_holds_what_json_lines_hold(entries: list[AuditEntry]) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(entries)), newline="")))
    lines = [json.loads(line) for line in json_lines(entries)]
    assert [row["digest"] for row in rows] == [line["digest"] for line in lines]
    assert json.loads(rows[1]["changes"]) == lines[1]["changes"]
    assert (rows[0]["white_label"], rows[1]["white_label"]) == ("", "5")


def test_a_long_log_is_read_in_parts(django_assert_num_queries: Any) -> None:
    for number in range(READ_AT_ONCE + 5):
        record("sign_in", who=str(number))
    with django_assert_num_queries(3):
        read = [entry.who for entry in AuditEntry.objects.oldest_first()]
    assert read == [str(number) for number in range(READ_AT_ONCE + 5)]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
@pytest.mark.parametrize("before", ["", '"', ' "', '""', 'a;"', 'a\t "', 'a;""', 'a\n"'])
def test_no_cell_begins_with_a_formula_where_quotation_marks_stand_before_it(before: str, sign: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["x", cell(f'{before}{sign}1&"y'), cell('z"')])
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter):
            assert not any(text.lstrip(' "').startswith(sign) for text in row), (delimiter, row)
