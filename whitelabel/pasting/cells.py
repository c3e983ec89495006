"""Read a row of cells: of a table as a browser copies it, of CSV, or of words in columns; with a header or by look."""

import csv
import re
from collections.abc import Sequence
from dataclasses import replace

from whitelabel.pasting.result import (
    BUTTONS,
    SUPPORTED,
    Raw,
    Unread,
    field_of,
    guessed_type,
    is_plausible,
    type_of,
    unsupported,
    with_priority,
)

Header = dict[str, int]
GUESSED = "No type was given; by its value it is a {kind} record."
_GAP = re.compile(r"\t| {2,}")
_NUMBER = re.compile(r"\d{1,10}")
_BAR = re.compile(r"(?<!\\)\|")
_TIGHT_BAR = re.compile(r"(?<=[^\s\\])\|(?=\S)")
_RULE = re.compile(r"[\s|:+=-]+")
_CONTINUATION = re.compile(r"[a-z]\w*[=:]\S.*|[~?+-]all")
CONTINUED_AFTER_GAP = "The value went on after a gap; its parts were joined."
CELLS_WITHOUT_HEADER = 3
DOUBTFUL = "it is not certain which bars part its cells; write a bar in a value as \\|, or type the row"
NOT_TAKEN = "The rest of the line was not taken: {rest}"


def split(line: str) -> list[str]:
    """Return the cells of a line: between tabs, between bars (of which Markdown escapes those in a cell), or gaps."""
    text = line.strip()
    if text.startswith("|"):
        between = _BAR.split(text)[1:]
        return [cell.strip().replace("\\|", "|") for cell in between[: len(between) - (not between[-1])]]
    parts = line.strip("\r\n ").split("\t") if "\t" in text else _GAP.split(text)
    return [cell.strip() for cell in parts]


def is_doubtful(line: str, cells: Sequence[str], columns: int) -> bool:
    """Return whether a bar may be part of a value: it stands tight where others do not, or there is one too many.

    `columns` is how many the header has, 0 where there is none.
    """
    text = line.strip()
    if not text.startswith("|"):
        return False
    tight = len(_TIGHT_BAR.findall(text, 1))
    most = columns or (CELLS_WITHOUT_HEADER if tight else len(cells))
    return 0 < tight < len(cells) - 1 or len(cells) > most


def separated(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line of CSV, an empty list where it is none (RFC 4180)."""
    try:
        rows = list(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    return [cell.strip() for cell in rows[0]] if rows else []


def is_rule(line: str) -> bool:
    """Return whether a line only draws the border of a table."""
    return len(line) > 2 and _RULE.fullmatch(line) is not None


def header_of(cells: Sequence[str]) -> Header | None:
    """Return which column holds what, where the cells are labels; the first of a kind counts."""
    fields = [field_of(cell) for cell in cells]
    header: Header = {}
    for at, field in enumerate(fields):
        header.setdefault(field, at)
    names = sum(field != "" for field in fields)
    return header if {"value"} < header.keys() and {"name", "type"} & header.keys() and names > len(cells) / 2 else None


def row(cells: Sequence[str], header: Header | None, line: str) -> Raw | Unread | None:
    """Return the record of a row, why it is not kept, or None where it is no record."""
    return (by_header(cells, header, line) if header else None) or by_look(cells, line)


def by_header(cells: Sequence[str], header: Header, line: str) -> Raw | Unread | None:
    def cell(field: str) -> str:
        at = header.get(field, len(cells))
        return cells[at] if at < len(cells) else ""

    priority = cell("priority")
    other_table = "name" not in header and type_of(cell("type")) != "MX"
    if other_table or (priority and not priority.isdigit() and priority.lower() not in BUTTONS):
        return None
    made = record(cell("type"), cell("name"), cell("value"), priority, line)
    return with_rest(made, _overflow(cells, header)) if isinstance(made, Raw) else made


def _overflow(cells: Sequence[str], header: Header) -> list[str]:
    """Return the cells that no column of the header announced."""
    return [cell for cell in cells[max(header.values()) + 1 :] if cell and cell.lower() not in BUTTONS]


def with_rest(made: Raw, rest: Sequence[str]) -> Raw:
    """Return a record with the cells behind its value: joined to a TXT that goes on in them, else remarked."""
    value, left = made.value, list(rest)
    while made.type == "TXT" and left and (joint := _joint(value, left[0], made.line)) is not None:
        value = f"{value}{joint}{left.pop(0)}"
    repairs = made.repairs if value == made.value else (*made.repairs, CONTINUED_AFTER_GAP)
    remarks = (NOT_TAKEN.format(rest=" ".join(left)),) if left else ()
    return replace(made, value=value, repairs=repairs, remarks=remarks)


def _joint(value: str, more: str, line: str) -> str | None:
    """Return what stood between a value and its next part; None where that is a cell of its own."""
    if value.endswith('"') and more.startswith('"') and more.endswith('"'):
        return " "
    if _CONTINUATION.fullmatch(more) is None:
        return None
    match = re.search(f"{re.escape(value[-20:])}( *[,;] *| {{2,}}){re.escape(more)}", line)
    return (match[1].strip() or " ") if match else None


def record(kind: str, name: str, value: str, priority: str, line: str) -> Raw | Unread | None:
    """Return the record of parts that were labelled; a type that is missing is guessed from the value."""
    known = type_of(kind)
    if not value or (kind.strip() and not known):
        return None
    repairs = () if known else (GUESSED.format(kind=guessed_type(value)),)
    known = known or guessed_type(value)
    if not known:
        return None
    if known not in SUPPORTED:
        return unsupported(known, line)
    return Raw(known, name, with_priority(known, value, priority), line, repairs)


def by_look(cells: Sequence[str], line: str) -> Raw | Unread | None:
    """Return the record of cells without a header, one of which is a type: name and value follow it or stand around."""
    cells = [cell for cell in cells if cell and cell.lower() not in BUTTONS]
    types = [type_of(cell) for cell in cells]
    at = next(
        (at for at, kind in enumerate(types) if kind in SUPPORTED), next((at for at, k in enumerate(types) if k), -1)
    )
    if at < 0:
        return None
    kind = types[at]
    before = [cell for cell in _texts(cells[:at]) if not type_of(cell)]
    after = _texts(cells[at + 1 :])
    if len(after) >= 2:
        name, value, *rest = after
    elif before and after:
        name, value, *rest = before[-1], after[0]
    else:
        return None
    if kind not in SUPPORTED:
        return unsupported(kind, line)
    value = with_priority(kind, value, _priority(cells[at + 1 :], value))
    return with_rest(Raw(kind, name, value, line), rest) if is_plausible(kind, value) else None


def _texts(cells: Sequence[str]) -> list[str]:
    """Return the cells that are neither a number nor the class."""
    return [cell for cell in cells if not _NUMBER.fullmatch(cell) and cell.upper() != "IN"]


def _priority(cells: Sequence[str], value: str) -> str:
    """Return the number that stands next to the host of an MX record, in front of it rather than behind."""
    at = cells.index(value)
    beside = [*cells[max(at - 1, 0) : at], *cells[at + 1 : at + 2]]
    return next((cell for cell in beside if _NUMBER.fullmatch(cell)), "")
