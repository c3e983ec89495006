"""Read a list in CSV (RFC 4180), as spreadsheets save it: comma, semicolon or tab; UTF-8 with or without a mark."""

import csv
import io
from collections.abc import Iterator, Sequence

import pydantic
from django.core.exceptions import ValidationError

from gateway.choices import Kind
from gateway.provisioning.fields import LISTED
from gateway.provisioning.items import FIELDS, MAX_ITEMS, Item, Problem
from people.models.provisioned import REF_CHARS
from whitelabel.models.application import MOST_A_DAY

MAX_BYTES = 8 * 1024 * 1024
DELIMITERS = ",;\t"
BETWEEN_REFS = "|"
REF = "ref"

Reading = tuple[list[Item], list[Problem]]


def read(kind: Kind, content: bytes) -> Reading:
    """Return the items, each with its line, and what is wrong with the other lines.

    Raises `ValidationError` where the file as a whole cannot be read.
    """
    text = _decoded(content)
    lines = _lines(text, _delimiter(text))
    _, header = next(lines, (0, []))
    columns = _columns(kind, header)
    items, problems = list[Item](), list[Problem]()
    for line, cells in lines:
        found = _item(kind, line, columns, cells)
        if isinstance(found, Item):
            items.append(found)
        else:
            problems.append(found)
        if len(items) + len(problems) > MAX_ITEMS:
            raise ValidationError(f"A file may have at most {MAX_ITEMS:,} lines.")
    if not items and not problems:
        raise ValidationError("The file has no lines below its header.")
    return items, problems


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise ValidationError(f"The file may have at most {MAX_BYTES // 1024 // 1024} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(
            "The file is not in UTF-8. In Excel, save it as “CSV UTF-8 (comma delimited)”; in LibreOffice, choose "
            "the character set Unicode (UTF-8)."
        ) from error
    if not text.strip():
        raise ValidationError("The file is empty.")
    if "\0" in text:
        raise ValidationError("This is not a CSV file: it contains NUL characters.")
    return text


def _delimiter(text: str) -> str:
    """Return what separates the names of the columns: none of them contains any of those."""
    header = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not empty, and the line at which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValidationError(
                f"Line {line} cannot be read: its quotation marks do not match, or a cell is too long."
            ) from error
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]


def _columns(kind: Kind, header: Sequence[str]) -> list[str]:
    names = [name.strip().lower().replace(" ", "_") for name in header]
    known = (REF, *FIELDS[kind])
    unknown = [name for name in names if name not in known]
    if REF not in names or unknown:
        which = f"“{unknown[0][:40]}” is none of its columns" if unknown else f"the column {REF} is missing"
        raise ValidationError(f"This is no list of {kind.label.lower()}: {which}. They are: {', '.join(known)}.")
    if len(set(names)) < len(names):
        raise ValidationError("A column is there twice.")
    return names


def _item(kind: Kind, line: int, columns: Sequence[str], cells: Sequence[str]) -> Item | Problem:
    ref = dict(zip(columns, cells, strict=False)).get(REF, "")[:REF_CHARS]
    if len(cells) != len(columns):
        words = f"The line has {len(cells)} cells, the header {len(columns)}."
        return Problem(kind, line, ref, "", words)
    values = {name: _value(name, cell) for name, cell in zip(columns, cells, strict=True)}
    try:
        return LISTED[kind].model_validate(values).item(ref, line)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        return Problem(kind, line, ref, str(first["loc"][0]), _words(first["type"], first["msg"]))


def _value(name: str, cell: str) -> object:
    """Return what a cell says; an empty one empties the field."""
    if name == "admins":
        return [ref.strip() for ref in cell.split(BETWEEN_REFS) if ref.strip()]
    if name in ("white_label", "console_host"):
        return cell or None
    return cell or "0" if name == "daily_limit" else cell


def _words(kind: str, message: str) -> str:
    if kind == "string_too_short":
        return "This field is required."
    if kind in ("int_parsing", "int_from_float", "greater_than_equal", "less_than_equal"):
        return f"Write a whole number from 0 to {MOST_A_DAY:,}."
    return f"{message}."
