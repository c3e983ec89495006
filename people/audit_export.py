"""The audit log in a file: JSON lines, of which anybody can compute the digests anew, or CSV for spreadsheets."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from people.models import AuditEntry

COLUMNS = "id at person who white_label address act path changes detail previous digest".split()
SIGNS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
BEFORE = '[ "]*'  # blanks, and the quotation marks that begin a cell where it is split
FORMULA = re.compile(f"^(?=[\t\r\n]|{BEFORE}{SIGNS})|(?<=[\\s\\S])[;\t\r\n](?={BEFORE}{SIGNS})")  # OWASP, CSV Injection


class Line:
    """A file for the csv module that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Yield a JSON object in a line for each entry: what `AuditEntry.compute_digest` covers, and the digests."""
    for entry in entries:
        yield json.dumps(columns_of(entry), separators=(",", ":")) + "\n"


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Yield the names of the columns, then a line for each entry (RFC 4180); `changes` and `detail` are JSON."""
    writer = csv.writer(Line())
    yield writer.writerow(COLUMNS)
    for entry in entries:
        yield writer.writerow([cell(value) for value in columns_of(entry).values()])


FORMATS = {"jsonl": json_lines, "csv": csv_lines}


def columns_of(entry: AuditEntry) -> dict[str, Any]:
    when, detail = entry.at.astimezone(UTC).isoformat(), entry.detail.as_json() if entry.detail is not None else None
    who = (entry.person_id, entry.who, entry.white_label_id, entry.address)
    values = (entry.pk, when, *who, entry.act, entry.path, entry.changes, detail, entry.previous, entry.digest)
    return dict(zip(COLUMNS, values, strict=True))


def cell(value: object) -> str:
    """Return `value` for a cell of a spreadsheet, which would take what begins like a formula for one.

    Some split a file of commas at semicolons and tabs, as the country has it: what follows one begins a cell, too.
    """
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return FORMULA.sub(r"\g<0>'", text)
