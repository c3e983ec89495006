"""Read records whose parts stand under each other: a label, then its text, or all labels and then one cell a line."""

import re
from dataclasses import dataclass, field

from whitelabel.pasting import cells
from whitelabel.pasting.result import BUTTONS, SUPPORTED, Raw, Unread, field_of, type_of

CONTINUED = "The value was written on two lines; they were joined."
_CONTINUATION = re.compile(r"[A-Za-z0-9+/]{16,}={0,2};?")
_NAMED = re.compile(r"([^:=]{1,30}):(?:\s+|$)(.*)")


@dataclass
class LabelReader:
    """Collects lines until a record is complete; what it gives is in `records`."""

    records: list[Raw | Unread] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)  # labels whose text has not come yet
    parts: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    joined: bool = False

    @property
    def awaits_text(self) -> bool:
        return len(self.pending) == 1

    @property
    def header(self) -> cells.Header | None:
        """Return the labels that stand under each other as the header of rows that stand beside each other."""
        header = {name: at for at, name in reversed(list(enumerate(self.pending)))}
        return header if "value" in header and len(self.pending) > 1 else None

    def take(self, line: str) -> bool:
        """Take a line in; return whether it belongs to a record."""
        text = line.strip()
        named = _NAMED.fullmatch(text)
        if named and field_of(named[1]):
            self._label(field_of(named[1]), line)
            if named[2].strip():
                self._text(named[2].strip(), line)
            return True
        if field_of(text) and not self._is_text(text):
            self._label(field_of(text), line)
            return True
        return self._bare(text, line)

    def end(self) -> None:
        """Give out what was collected; labels without a text and texts without the rest are unread."""
        kind, name, value, priority = (self.parts.get(part, "") for part in ("type", "name", "value", "priority"))
        made = cells.record(kind, name, value, priority, self._line)
        if made is not None and (name or kind):
            repairs = (CONTINUED,) if self.joined else ()
            self.records.append(self._with_repairs(made, repairs))
        elif self.lines:
            self.records.append(Unread(self._line, "a record needs at least a name and a value"))
        self.parts, self.lines, self.joined = {}, [], False

    def close(self) -> None:
        """End for good: another way of writing begins."""
        self.end()
        self.pending, self.columns = [], []

    @property
    def _line(self) -> str:
        return "\n".join(self.lines)

    def _with_repairs(self, made: Raw | Unread, repairs: tuple[str, ...]) -> Raw | Unread:
        if isinstance(made, Unread):
            return made
        return Raw(made.type, made.name, made.value, made.line, (*made.repairs, *repairs))

    def _is_text(self, text: str) -> bool:
        """Return whether a word that may be a label is the text of the label before it ("Name" / "data")."""
        return self.awaits_text and self.pending != ["other"] and field_of(text) in self.parts

    def _label(self, name: str, line: str) -> None:
        if name in self.parts and name != "other":
            self.end()
        self.columns = []
        if self.awaits_text and self.parts and self.pending == ["other"]:
            self.pending = []
        self.pending.append(name)
        self.lines.append(line.strip())

    def _bare(self, text: str, line: str) -> bool:
        if len(self.pending) > 1:
            self._begin_columns()
        if self.columns:
            return self._cell(text, line)
        if self.pending:
            self._text(text, line)
            return True
        if type_of(text) in SUPPORTED:
            if self.parts:
                self.end()
            self._text(text, line, "type")
            return True
        return self._more(text, line)

    def _begin_columns(self) -> None:
        """Take several labels on end as a header; where they are none, only the last of them waits for a text."""
        is_header, labels = self.header is not None, self.pending
        if self.parts or not is_header:
            self.end()
        self.columns, self.pending, self.lines = (labels, [], []) if is_header else ([], labels[-1:], [])

    def _more(self, text: str, line: str) -> bool:
        """Take the rest of a long value."""
        if self.parts.get("type") == "TXT" and "p=" in self.parts.get("value", "") and _CONTINUATION.fullmatch(text):
            self.parts["value"] += text
            self.lines.append(line.strip())
            self.joined = True
            return True
        return False

    def _text(self, text: str, line: str, name: str = "") -> None:
        label = name or self.pending.pop()
        self.parts[label] = text
        if not self.lines or self.lines[-1] != line.strip():
            self.lines.append(line.strip())

    def _cell(self, text: str, line: str) -> bool:
        """Take a cell of a table that came one cell a line; a row begins with its type, or where the last is full."""
        if text.lower() in BUTTONS:
            return False
        missing = [name for name in self.columns if name not in self.parts] or self.columns
        kind = type_of(text)  # a host may be called "a" or "ns"
        is_type = "type" in self.columns and (kind in SUPPORTED or (bool(kind) and missing[0] == "type"))
        if missing is self.columns or (is_type and "type" in self.parts):
            self.end()
            missing = self.columns
        if missing[0] == "type" and not is_type:
            return False
        self._text(text, line, "type" if is_type else missing[0])
        return True
