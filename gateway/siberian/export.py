"""Read the file that the queries of `docs/siberian.md` printed. A line that cannot be read is told with its number."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from gateway.siberian.lines import AnyLine, ApplicationLine, Line, PersonLine, PlatformLine, WhiteLabelLine
from gateway.siberian.note import Note

L = TypeVar("L", bound=Line)
READER: TypeAdapter[AnyLine] = TypeAdapter(AnyLine)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_UTF_8 = "it is not UTF-8: run the queries with their first line, SET NAMES utf8mb4"
NOT_JSON = "it is no JSON object: run the queries with --batch --raw --skip-column-names"
NO_KIND = "it is of no kind that the queries print"


class UnreadableFile(Exception):
    """The file as a whole is of another form."""


@dataclass
class Export:
    """What was read, by kind and Siberian's id, in the order of the file; and what could not be read."""

    platform: dict[int, PlatformLine] = field(default_factory=dict)
    people: dict[int, PersonLine] = field(default_factory=dict)
    white_labels: dict[int, WhiteLabelLine] = field(default_factory=dict)
    applications: dict[int, ApplicationLine] = field(default_factory=dict)
    unread: list[Note] = field(default_factory=list)

    def add(self, line: AnyLine) -> None:
        """Keep `line`, but for a second one of the same thing."""
        match line:
            case PlatformLine():
                _keep(self.platform, line, self.unread)
            case PersonLine():
                _keep(self.people, line, self.unread)
            case WhiteLabelLine():
                _keep(self.white_labels, line, self.unread)
            case ApplicationLine():
                _keep(self.applications, line, self.unread)


def read(file: Iterable[bytes]) -> Export:
    """Return what the lines of `file` say, which end with LF alone; raises `UnreadableFile`."""
    export = Export()
    for number, octets in enumerate(file, start=1):
        if number == 1:
            octets = _without_mark(octets)
        if octets.strip():
            try:
                export.add(_line(octets, number))
            except ValueError as error:
                export.unread.append(Note(number, "", str(error)))
    return export


def _without_mark(octets: bytes) -> bytes:
    """Return a first line without its byte order mark (RFC 3629 6)."""
    if octets.startswith(UTF_16):
        raise UnreadableFile(
            "The file is UTF-16, as PowerShell's > writes it. Run the queries from another shell, or save it as UTF-8."
        )
    return octets.removeprefix(codecs.BOM_UTF8)


def _line(octets: bytes, number: int) -> AnyLine:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise ValueError(NOT_UTF_8) from None
    try:
        return READER.validate_json(text).model_copy(update={"number": number})
    except ValidationError as error:
        raise ValueError(what_is_wrong(error)) from None


def what_is_wrong(error: ValidationError) -> str:
    """Return what is wrong with a line, with the name of the field and without its value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"].startswith("union_tag"):
        return NO_KIND
    if not first["loc"]:
        return NOT_JSON
    return f"{first['loc'][-1]}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _keep(lines: dict[int, L], line: L, unread: list[Note]) -> None:
    first = lines.setdefault(line.id, line)
    if first is not line:
        unread.append(Note(line.number, line.thing, f"it stands in line {first.number} already"))
