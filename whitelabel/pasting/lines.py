"""Read the lines of a paste one after the other, each in the way it is written: zone file, table, CSV or labels."""

from collections.abc import Sequence

from whitelabel.pasting import cells, zone
from whitelabel.pasting.labels import LabelReader
from whitelabel.pasting.result import BUTTONS, Raw, Unread, is_plausible, type_of

CSV_LINES_MAX = 20  # of one row whose quoted cell has line breaks
DELIMITERS = (",", ";")


class LineReader:
    """`records` is filled in the order of the lines."""

    def __init__(self, lines: Sequence[str], domain: str) -> None:
        self.lines, self.domain = lines, domain
        self.records: list[Raw | Unread] = []
        self.labels = LabelReader(self.records)
        self.header: cells.Header | None = None
        self.csv: tuple[str, cells.Header] | None = None
        self.origin = self.owner = ""
        self.at = self.columns = 0

    def read(self) -> list[Raw | Unread]:
        while self.at < len(self.lines):
            self.at += self._take(self.lines[self.at])
        self.labels.close()
        return self.records

    def _take(self, line: str) -> int:
        """Take the line in; return how many lines that took."""
        text = line.strip()
        if not text or cells.is_rule(text):
            return 1
        if text.startswith((";", "#", "//", "$")) and not self.labels.awaits_text:
            return self._aside(text)
        for way in (self._label_text, self._csv_row, self._certain_zone, self._table, self._zone, self._new_csv):
            if taken := way(line):
                return taken
        if not self.labels.take(line):
            self._words(text)
        return 1

    def _aside(self, text: str) -> int:
        """Take a comment or a directive in."""
        words = text.split()
        if words[0].upper() == "$ORIGIN" and len(words) > 1:
            self.origin = self.owner = words[1]
        elif words[0].upper() != "$TTL":
            why = "it is a comment" if not text.startswith("$") else "this directive is not followed"
            self.records.append(Unread(text, why))
        return 1

    def _label_text(self, line: str) -> int:
        """Give a label the text it waits for, however that looks, unless cells follow each other on the line."""
        if not self.labels.awaits_text or len(cells.split(line)) > 2:
            return 0
        return int(self.labels.take(line))

    def _csv_row(self, line: str) -> int:
        if self.csv is None:
            return 0
        delimiter, header = self.csv
        taken, text = 1, line
        while text.count('"') % 2 and taken < CSV_LINES_MAX and self.at + taken < len(self.lines):
            text = f"{text}\n{self.lines[self.at + taken]}"
            taken += 1
        text = text if text.count('"') % 2 == 0 else line
        row = cells.separated(text.replace("\n", " "), delimiter)
        made = cells.row(row, header, text) if len(row) > 1 else None
        return self._add(made, taken if text != line else 1)

    def _certain_zone(self, line: str) -> int:
        return self._zone(line, certain=True)

    def _zone(self, line: str, *, certain: bool = False) -> int:
        head = zone.head_of(line)
        if head is None or certain != head.certain or not (head.owner or self.owner):
            return 0
        owner = head.owner or self.owner
        rest = self.lines[self.at : self.at + zone.LINES_MAX]
        made, taken = zone.read(head, rest, owner, self.origin)
        if made is not None:
            self.owner = owner
        return self._add(made, taken)

    def _table(self, line: str) -> int:
        row = cells.split(line)
        if len(row) < 2:
            return 0
        if header := cells.header_of(row):
            self.labels.close()
            self.header, self.columns = header, len(row)
            return 1
        if cells.is_doubtful(line, row, self.columns):
            return self._add(Unread(line.strip(), cells.DOUBTFUL), 1)
        if len(row) == 2 and self.header is None and self.labels.take(f"{row[0]}: {row[1]}"):
            return 1
        return self._add(cells.row(row, self.header or self.labels.header, line), 1)

    def _new_csv(self, line: str) -> int:
        for delimiter in DELIMITERS:
            row = cells.separated(line, delimiter) if line.count(delimiter) > 1 else []
            if header := cells.header_of(row):
                self.labels.close()
                self.csv = (delimiter, header)
                return 1
            if len(row) > 2 and (made := cells.by_look(row, line)) is not None:
                return self._add(made, 1)
        return 0

    def _words(self, text: str) -> None:
        """Take a line that is left: "TXT name value" with single blanks, else it is unread."""
        if text.lower() in BUTTONS:
            self.records.append(Unread(text, "it is a button or a state"))
            return
        self.labels.end()
        words = text.split(None, 2)
        if len(words) == 3 and type_of(words[0]) and is_plausible(type_of(words[0]), words[2]):
            value = words[2].split()
            turned = type_of(words[0]) == "MX" and len(value) == 2 and value[1].isdigit()
            made = cells.record(words[0], words[1], " ".join(reversed(value)) if turned else words[2], "", text)
            if made is not None:
                self.records.append(made)
                return
        self.records.append(Unread(text))

    def _add(self, made: Raw | Unread | None, taken: int) -> int:
        if made is None:
            return 0
        self.labels.close()
        self.records.append(made)
        return taken
