"""Read the record of a row of cells: by the header above it, or by its look."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from whitelabel.pasting.cells import CELLS_MAX
from whitelabel.pasting.result import GUESSED, Raw, Unread, unsupported
from whitelabel.pasting.shapes import (
    exchange_of,
    fits,
    guessed_type,
    host_in,
    is_host,
    is_name,
    is_strong_name,
    is_strong_text,
    number_in,
    priority_in,
)
from whitelabel.pasting.words import (
    RECORD_NOUNS,
    SUPPORTED,
    Label,
    is_apex_phrase,
    is_noise,
    is_removal,
    label_of,
    type_of,
    words_of,
)

CONTINUED_AFTER_GAP = "The value went on after a gap; its parts were joined."
DOUBTFUL = "it is not certain which bars part its cells; write a bar in a value as \\|, or type the row"
REMOVAL = "Its row says “{word}”: check whether the record is to be published."
RIVAL = "Another column of its row may hold the value: {cell}"
NOT_TAKEN = "The rest of the line was not taken: {rest}"
HEADING_TYPE = "Its type is that of the heading above it: {kind}."
OLD_SPF = "Records of type SPF are no longer read (RFC 7208, 3.1); it is read as TXT."
TYPE_LAST = "The type stands behind name and value; check which is which."
TWO_NUMBERS = "Several numbers may be the priority ({left}); compare it."
_CONTINUATION = re.compile(r"[a-z]\w*[=:]\S.*|[~?+-]all")


@dataclass(frozen=True)
class Header:
    """Which column holds what; `type` is what its labels say of the type ("TXT value")."""

    columns: tuple[str, ...]
    type: str = ""
    line: str = ""

    def cell(self, cells: Sequence[str], field: str) -> str:
        """Return the cell of a column, "" where the row or the header has none."""
        at = self.columns.index(field) if field in self.columns else len(cells)
        return cells[at] if at < len(cells) else ""


def header_of(cells: Sequence[str], line: str = "") -> Header | None:
    """Return which column holds what, where the cells are labels; the first of a kind counts."""
    labels = [_column(cell) for cell in cells[:CELLS_MAX]]
    fields = [label.field if label else "" for label in labels]
    if "name" not in fields:
        fields = ["name" if field == "domain" else field for field in fields]
    again = {"value": ""}  # a second column of values announces nothing for sure
    once = [again.get(field, "other") if field and field in fields[:at] else field for at, field in enumerate(fields)]
    types = {label.type for label in labels if label and label.type}
    named = sum(field != "" for field in fields)
    is_header = "value" in once and {"name", "type"} & set(once) and named > len(cells) / 2
    return Header(tuple(once), types.pop() if len(types) == 1 else "", line) if is_header else None


def _column(cell: str) -> Label | None:
    words = words_of(cell)
    other = words and all(word in RECORD_NOUNS or word in {"dns", "copy", "id"} for word in words)
    return label_of(cell) or (Label("other") if other else None)


def row(cells: Sequence[str], header: Header | None, line: str, kind: str = "") -> Raw | Unread | None:
    """Return the record of a row, why it is not kept, or None where it is no record.

    `kind` is the type that a heading above it names.
    """
    made = (by_header(cells, header, line, kind) if header else None) or by_look(cells, line, kind)
    order = next((cell for cell in cells if is_removal(cell)), "")
    if not order or not isinstance(made, Raw):
        return made
    return replace(made, remarks=(*made.remarks, REMOVAL.format(word=order)))


def by_header(cells: Sequence[str], header: Header, line: str, kind: str) -> Raw | Unread | None:
    """Return the record of a row under a header, None where its cells do not hold what the header promises."""
    type_cell, name, value, priority = (header.cell(cells, field) for field in ("type", "name", "value", "priority"))
    priority = "" if is_noise(priority) else priority
    no_name = "name" not in header.columns and type_of(type_cell) != "MX"
    if no_name or (priority and not number_in(priority)) or not value or is_noise(value):
        return None
    if name and not (is_name(name.strip("\"'`")) or is_apex_phrase(name)):
        return None
    made = record(type_cell, name, value, priority, line, header.type or kind)
    if isinstance(made, Raw) and not fits(made.type, value):
        return None
    return with_rest(_against_rivals(made, cells, header), _overflow(cells, header)) if isinstance(made, Raw) else made


def _against_rivals(made: Raw, cells: Sequence[str], header: Header) -> Raw:
    """Return a record with a remark where a column without a known label holds what may be its value as well."""
    beside = [cell for field, cell in zip(header.columns, cells, strict=False) if not field and cell != made.value]
    rivals = [cell for cell in beside if is_strong_text(cell) or (made.type != "TXT" and is_host(host_in(cell)))]
    return replace(made, remarks=(*made.remarks, RIVAL.format(cell=rivals[0]))) if rivals else made


def _overflow(cells: Sequence[str], header: Header) -> list[str]:
    """Return the cells that no column of the header announced."""
    return [cell for cell in cells[len(header.columns) :] if cell and not is_noise(cell)]


def with_rest(made: Raw, rest: Sequence[str]) -> Raw:
    """Return a record with the cells behind its value: joined to a TXT that goes on in them, else remarked."""
    value, left = made.value, list(rest)
    while made.type == "TXT" and left and (joint := _joint(value, left[0], made.line)) is not None:
        value = f"{value}{joint}{left.pop(0)}"
    repairs = made.repairs if value == made.value else (*made.repairs, CONTINUED_AFTER_GAP)
    remarks = (NOT_TAKEN.format(rest=" ".join(left)),) if left else ()
    return replace(made, value=value, repairs=repairs, remarks=(*made.remarks, *remarks))


def _joint(value: str, more: str, line: str) -> str | None:
    """Return what stood between a value and its next part; None where that is a cell of its own."""
    if value.endswith('"') and more.startswith('"') and more.endswith('"'):
        return " "
    if _CONTINUATION.fullmatch(more) is None:
        return None
    match = re.search(f"{re.escape(value[-20:])}( *[,;] *| {{2,}}){re.escape(more)}", line)
    return (match[1].strip() or " ") if match else None


def record(type_text: str, name: str, value: str, priority: str, line: str, kind: str = "") -> Raw | Unread | None:
    """Return the record of parts that were labelled; a type that is missing is the heading's or by the value."""
    known = type_of(type_text)
    if not value or (type_text.strip() and not known and not is_noise(type_text)):
        return None
    guess = guessed_type(value)
    repairs: tuple[str, ...] = ()
    if not known and kind and fits(kind, value) and not (guess == "CNAME" and kind == "TXT"):
        known, repairs = kind, (HEADING_TYPE.format(kind=kind),)
    elif not known:
        known, repairs = guess, (GUESSED.format(kind=guess),)
    if not known:
        return None
    if known == "SPF" and guess == "TXT":
        return Raw("TXT", name, value, line, remarks=(OLD_SPF,))
    if known not in SUPPORTED:
        return unsupported(known, line)
    return Raw(known, name, value, line, priority=number_in(priority), repairs=repairs)


def by_look(cells: Sequence[str], line: str, kind: str = "") -> Raw | Unread | None:
    """Return the record of cells without a header: name and value follow the type or stand around it."""
    cells = [cell for cell in cells if cell and not (is_noise(cell) and not type_of(cell))]
    types = [type_of(cell) for cell in cells]
    at = next(
        (at for at, known in enumerate(types) if known in SUPPORTED), next((at for at, k in enumerate(types) if k), -1)
    )
    if at < 0:
        return _without_type(cells, line, kind)
    before = [cell for cell in _texts(cells[:at]) if not type_of(cell)]
    after = _texts(cells[at + 1 :])
    if types[at] == "SPF" and (made := _without_type([*before, *after], line, "")) is not None:
        return replace(made, remarks=(OLD_SPF,)) if isinstance(made, Raw) else made
    if types[at] not in SUPPORTED:
        return unsupported(types[at], line) if _is_other_row(before, after) else None
    for name, value, rest in _candidates(before, after, types[at]):
        if _is_name_cell(name) and fits(types[at], value):
            made = _made(types[at], name, value, rest, cells, line)
            return made if after else replace(made, remarks=(*made.remarks, TYPE_LAST))
    return None


def _is_other_row(before: list[str], after: list[str]) -> bool:
    """Return whether cells around a type that is not kept are a row, not a sentence."""
    texts = [*before, *after]
    return len(texts) > 1 and any("." in text or ":" in text or is_strong_text(text) for text in texts)


def _candidates(before: list[str], after: list[str], kind: str) -> Iterator[tuple[str, str, list[str]]]:
    if len(after) >= 2:
        yield after[0], after[1], after[2:]
    if before and after:
        yield before[-1], after[0], after[1:]
    if len(before) >= 2 and not after:
        yield before[-2], before[-1], []
    if after and not before and (is_strong_text(after[0]) or kind == "MX"):
        yield "", after[0], after[1:]


def _is_name_cell(name: str) -> bool:
    bare = name.strip("\"'`“”„")
    return not name or is_name(bare) or is_apex_phrase(name) or is_name(bare.partition(" ")[0])


def _made(kind: str, name: str, value: str, rest: list[str], cells: list[str], line: str) -> Raw:
    priority, left = "", ""
    if kind == "MX":
        own = exchange_of(value)
        words = " ".join(cells).split()
        at = next((at for at, word in enumerate(words) if host_in(word) == (own.host if own else "")), len(words))
        priority, left = (own.priority, own.left) if own and own.priority else priority_in(words, at)
    remarks = (TWO_NUMBERS.format(left=left),) if left and " " in left else ()
    return with_rest(Raw(kind, name, value, line, priority=priority, remarks=remarks), rest)


def _without_type(cells: Sequence[str], line: str, kind: str) -> Raw | Unread | None:
    """Return the record of a name and a value whose type the heading above names, or the value itself."""
    texts = _texts(cells)
    if len(texts) == 3 and is_strong_name(texts[1]) and is_strong_text(texts[2]):
        texts = texts[1:]  # behind the purpose of the record
    if len(texts) != 2 or (not is_strong_name(texts[0].strip("\"'`")) and not (kind and _is_name_cell(texts[0]))):
        return None
    name, value = texts
    if not (is_strong_text(value) or (kind and fits(kind, value)) or (is_host(name) and is_host(host_in(value)))):
        return None
    made = record("", name, value, "", line, kind)
    if isinstance(made, Raw) and made.type == "MX":
        return replace(made, priority=priority_in(list(cells), list(cells).index(value))[0])
    return made


def _texts(cells: Sequence[str]) -> list[str]:
    """Return the cells that are neither a number nor the class."""
    return [cell for cell in cells if not number_in(cell) and cell.upper() != "IN"]
