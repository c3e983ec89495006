"""Collect the parts of records that stand under each other: labels and texts, a header and its cells, bare cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from whitelabel.pasting import rows
from whitelabel.pasting.markup import Line
from whitelabel.pasting.result import BUTTON, Raw, Unread
from whitelabel.pasting.shapes import (
    continues,
    fits,
    is_name,
    is_spelled_as_name,
    is_strong_name,
    is_strong_text,
    number_in,
    why_unread,
    without_buttons,
)
from whitelabel.pasting.words import (
    SUPPORTED,
    Label,
    is_apex_phrase,
    is_noise,
    is_page_word,
    label_of,
    type_of,
)

BUTTONS = "Buttons beside a text were left out."
VALUE_FIRST = "The value stands in front of the name here; check that they belong together."
PARTNERLESS = "A name or a value without its partner stands beside it; check that they belong together."
CONTINUED = "The value was written on two lines; they were joined."
NAMELESS = "a record needs at least a name and a value"
STACK_MAX = 400
_LIST = re.compile(r"\[\s*(.*?)\s*,?\s*\]")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass
class Collector:
    """Collects lines until a record is complete; what it gives is in `records`.

    `kind` is the type that the heading above names; `hint` is what a label says of it ("TXT value").
    """

    records: list[Raw | Unread]
    parts: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    pending: list[Label] = field(default_factory=list)  # labels whose text has not come yet
    columns: list[str] = field(default_factory=list)
    stack: list[Line] = field(default_factory=list)  # bare cells, one a line
    kind: str = ""
    hint: str = ""
    joined: bool = False
    alone: bool = False  # the part before this one was a name or a value without its partner
    labelled: Raw | None = None  # the last record whose parts had labels

    @property
    def awaits_text(self) -> bool:
        return len(self.pending) == 1

    @property
    def busy(self) -> bool:
        return bool(self.parts or self.pending or self.stack or self.columns)

    @property
    def header(self) -> rows.Header | None:
        """Return the labels that stand under each other as the header of rows that stand beside each other."""
        fields = tuple(label.field for label in self.pending)
        return rows.Header(fields) if "value" in fields and len(fields) > 1 else None

    def label(self, label: Label, text: str, line: Line) -> None:
        """Take a label in, with its text where that stands on the same line."""
        self._unstack()
        if label.field in self.parts and label.field not in {"other", "domain"}:
            self.end()
        self.columns = []
        if self.pending and (text or (self.parts and self.pending[-1].field == "other")):
            self.pending = []
        self._keep(line)
        if text:
            self._text(label, text)
        else:
            self.pending.append(label)

    def is_text(self, text: str) -> bool:
        """Return whether a word that may be a label is the text of the label before it ("Name" / "data")."""
        label = label_of(text)
        if not self.awaits_text or label is None:
            return False
        awaited = self.pending[0].field
        return awaited != "other" and label.field in self.parts and awaited not in self.parts

    def bare(self, line: Line) -> bool:
        """Take a line without a label in; return whether it belongs to a record."""
        text = without_buttons(line.text.strip())
        if text != line.text.strip():
            line = replace(line, text=text, repairs=(*line.repairs, BUTTONS))
        if len(self.pending) > 1:
            self._begin_columns()
        if self.columns:
            return self._cell(text, line)
        if self.pending and self.pending[0].field in {"name", "value"} and type_of(text) in SUPPORTED:
            self.pending = []  # those were the headings of a table that is read by its look
            self.end()
        if self.pending:
            if is_noise(text) and self.pending[0].field in {"value", "type"}:
                return False
            self._keep(line)
            self._text(self.pending.pop(), text)
            return True
        return self.goes_on(line) or self._stacked(text, line)

    def goes_on(self, line: Line) -> bool:
        """Take the rest of a long value in, of the record that is collected or of the last one."""
        text = line.text.strip()
        if self.parts:
            whole = continues(
                self.parts.get("type", "") and type_of(self.parts["type"]), self.parts.get("value", ""), text
            )
            if whole is not None:
                self.parts["value"], self.joined = whole, True
                self._keep(line)
            return whole is not None
        last = self.records[-1] if self.records else None
        if not isinstance(last, Raw) or self.stack:
            return False
        whole = continues(last.type, last.value, text)
        if whole is not None:
            repairs = (*last.repairs, CONTINUED)
            self.records[-1] = replace(last, value=whole, line=f"{last.line}\n{line.raw.strip()}", repairs=repairs)
        return whole is not None

    def end(self) -> None:
        """Give out what was collected; labels without a text and texts without the rest are unread."""
        self._unstack()
        parts, lines = self.parts, self.lines
        name = parts.get("name") or parts.get("domain", "")
        value, kind = parts.get("value", ""), parts.get("type", "")
        text = "\n".join(line.raw.strip() for line in lines)
        hint, priority = self.hint or self.kind, parts.get("priority", "")
        alone = ("name" in parts) != ("value" in parts) and not any(label.field == "domain" for label in self.pending)
        if alone and "domain" not in parts and self.records and self.labelled is self.records[-1]:
            self.records[-1] = replace(self.labelled, remarks=(*self.labelled.remarks, PARTNERLESS))
        made = [rows.record(kind, name, one, priority, text, hint) for one in _values(value)]
        if any(made) and (name or kind or hint):
            self.records.extend(self._remarked(one) for one in made if one is not None)
            self.labelled = one if isinstance(one := self.records[-1], Raw) else None
            self.alone = False
        elif lines:
            self.records.append(Unread(text, NAMELESS))
            self.alone = alone and bool(lines)
        if type_of(kind) in SUPPORTED and not (name or value):
            self.kind = type_of(kind)
        self.parts, self.lines, self.hint, self.joined = {}, [], "", False

    def close(self) -> None:
        """End for good: another way of writing begins."""
        self.end()
        self.pending, self.columns = [], []

    def _remarked(self, made: Raw | Unread) -> Raw | Unread:
        if isinstance(made, Unread):
            return made
        order = list(self.parts)
        remarks = made.remarks
        if (
            made.name
            and len(self.lines) > 1
            and order.index("value") < min(map(order.index, {"name", "domain"} & set(order)))
        ):
            remarks = (*remarks, VALUE_FIRST)
        if self.alone:
            remarks = (*remarks, PARTNERLESS)
        repairs = [repair for line in self.lines for repair in line.repairs] + [CONTINUED] * self.joined
        return replace(made, repairs=(*made.repairs, *dict.fromkeys(repairs)), remarks=remarks)

    def _keep(self, line: Line) -> None:
        if not self.lines or self.lines[-1] is not line:
            self.lines.append(line)

    def _text(self, label: Label, text: str) -> None:
        if label.type:
            self.hint = label.type
        self.parts[label.field] = text

    def _begin_columns(self) -> None:
        """Take several labels on end as a header; where they are none, only the last of them waits for a text."""
        is_header = self.header is not None
        if self.parts or not is_header:
            waiting = self.pending[-1:]
            self.end()
            self.pending = waiting if not is_header else self.pending
        if is_header:
            self.columns, self.pending = [label.field for label in self.pending], []

    def _cell(self, text: str, line: Line) -> bool:
        """Take a cell of a table that came one cell a line; a row ends where it is full or the next type comes."""
        row_done = {"name", "type", "value"} & set(self.columns) <= self.parts.keys()
        kind = type_of(text)
        begins = "type" in self.parts and self.columns[0] == "type" and kind in SUPPORTED
        if begins or (row_done and not (number_in(text) or is_noise(text))):
            if row_done and not begins and self.goes_on(line):
                return True
            self.end()
        missing = [name for name in self.columns if name not in self.parts]
        for name in missing:
            if self._fits(name, text):
                self._keep(line)
                self.parts[name] = text
                return True
            if name not in {"priority", "other"}:
                return False
        return False

    def _fits(self, column: str, text: str) -> bool:
        if column == "type":
            return type_of(text) != ""
        if column == "priority":
            return number_in(text) != ""
        if column == "other":
            return is_noise(text) or number_in(text) != ""
        if column == "name":
            return (is_spelled_as_name(text.strip("\"'")) and type_of(text) not in SUPPORTED) or is_apex_phrase(text)
        return not is_noise(text)

    def _stacked(self, text: str, line: Line) -> bool:
        """Take a bare cell in: a type, and around it what may be a name, a value, a number."""
        words = text.split()
        if len(words) == 2 and type_of(words[0]) in SUPPORTED and is_strong_name(words[1]):
            self.stack += [replace(line, text=word) for word in words]
            return True
        kind = type_of(text)
        cell = kind or is_strong_name(text.strip("\"'")) or is_strong_text(text) or is_apex_phrase(text)
        follows = bool(self.stack) and (
            is_noise(text) or number_in(text) != "" or is_name(text) or (fits("TXT", text) and len(text.split()) == 1)
        )
        if not (cell or follows) or len(self.stack) > STACK_MAX:
            return False
        if self.parts:
            self.end()
        self.stack.append(line)
        return True

    def _unstack(self) -> None:
        stack, self.stack = self.stack, []
        kinds = [line for line in stack if not is_noise(line.text.strip()) or type_of(line.text.strip())]
        if len(kinds) == 1 and len(stack) > 1 and type_of(kinds[0].text.strip()) in SUPPORTED:
            self.records.extend(Unread(line.raw.strip(), BUTTON) for line in stack if line is not kinds[0])
            stack = kinds
        if len(stack) == 1 and type_of(stack[0].text.strip()) in SUPPORTED:
            self.kind = type_of(stack[0].text.strip())
            self.lines = [*self.lines, stack[0]]
            return
        for group in _groups(stack):
            self._give(group)

    def _give(self, group: list[Line]) -> None:
        """Give out the record of one group of bare cells; what is left of it is unread."""
        text = "\n".join(line.raw.strip() for line in group)
        made = rows.by_look([line.text.strip() for line in group], text, self.kind)
        if made is None:
            self.records.extend(Unread(line.raw.strip(), why_unread(line.raw)) for line in group)
        else:
            repairs = tuple(dict.fromkeys(repair for line in group for repair in line.repairs))
            self.records.append(replace(made, repairs=(*made.repairs, *repairs)) if isinstance(made, Raw) else made)


def _values(text: str) -> list[str]:
    """Return the values of a list of strings as code has it, else the text itself."""
    listed = _LIST.fullmatch(text.strip())
    strings = _STRING.findall(listed[1]) if listed else []
    return [re.sub(r"\\(.)", r"\1", string) for string in strings] or [text]


def _is_solid(text: str) -> bool:
    return not (is_noise(text) or number_in(text))


def _groups(stack: list[Line]) -> Iterator[list[Line]]:
    """Part bare cells into records: each begins with its type, or with the name in front of it."""
    texts = [line.text.strip() for line in stack]
    types = [at for at, text in enumerate(texts) if type_of(text)]
    if not types:
        solid = [line for line, text in zip(stack, texts, strict=True) if not is_noise(text)]
        yield from (solid[at : at + 2] for at in range(0, len(solid), 2))
        yield from ([line] for line, text in zip(stack, texts, strict=True) if is_noise(text))
        return
    before = sum(not is_noise(text) for text in texts[: types[0]])
    if before == 2 and all(sum(map(_is_solid, texts[at + 1 : to])) == 2 for at, to in pairwise(types)):
        types_last = [-1, *types]
        yield from (stack[at + 1 : to + 1] for at, to in pairwise(types_last))
        yield from ([line] for line in stack[types[-1] + 1 :])
        return
    name_first = before > 0 and not is_page_word(texts[types[0] - 1])
    starts = [at - 1 if name_first and at else at for at in types]
    yield from ([line] for line in stack[: starts[0]])
    for start, end in zip(starts, [*starts[1:], len(stack)], strict=True):
        yield stack[start:end]
