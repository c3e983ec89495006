"""Read the lines of a paste one after the other, each as it is written: zone file, table, CSV, labels, words."""

from collections.abc import Sequence
from dataclasses import replace

from whitelabel.pasting import cells, notation, rows, sentence, zone
from whitelabel.pasting.collector import Collector
from whitelabel.pasting.labels import parts_of, spaced
from whitelabel.pasting.markup import Line, line_of
from whitelabel.pasting.result import BUTTON, COMMENT, Raw, Unread
from whitelabel.pasting.shapes import exchange_of, is_host, number_in, why_unread
from whitelabel.pasting.words import SUPPORTED, is_noise, label_of, speaks_of_removing, type_of, words_of

CSV_LINES_MAX = 20  # of one row whose quoted cell has line breaks
REMOVED = "A line above speaks of removing or replacing something: “{line}”"
BESIDE = frozenset({"priority", "other"})  # what a line may name with its word behind a record
SAME_NAME = "Its name was read from the lines above; compare it."
HEADING_MAX_WORDS = 16


class LineReader:
    """`records` is filled in the order of the lines."""

    def __init__(self, lines: Sequence[str], domain: str) -> None:
        self.lines, self.domain = lines, domain
        self.records: list[Raw | Unread] = []
        self.collector = Collector(self.records)
        self.header: rows.Header | None = None
        self.csv: tuple[str, rows.Header] | None = None
        self.origin = self.owner = self.warning = ""
        self.at = 0
        self.lead: Line | None = None  # a sentence that may go on in the next line

    def read(self) -> list[Raw | Unread]:
        while self.at < len(self.lines):
            known = len(self.records)
            self.at += self._take(line_of(self.lines[self.at]))
            self._warn(known)
        known = len(self.records)
        self.collector.close()
        self._end_header()
        self._warn(known)
        return self.records

    def _warn(self, known: int) -> None:
        """Remark on the records that came under a line that speaks of removing."""
        if self.warning:
            for at in range(known, len(self.records)):
                one = self.records[at]
                if isinstance(one, Raw):
                    self.records[at] = replace(one, remarks=(*one.remarks, REMOVED.format(line=self.warning)))

    def _take(self, line: Line) -> int:
        """Take the line in; return how many lines that took."""
        text = line.text.strip()
        if not text or cells.is_rule(text):
            return 1
        if text.startswith((";", "#", "//", "$")) and not self.collector.awaits_text:
            return self._aside(text)
        ways = (self._code, self._certain_zone, self._labels, self._csv_row, self._table, self._zone, self._new_csv)
        for way in ways:
            if taken := way(line):
                return taken
        if not any(map(str.isalnum, text)) and text != "@":
            return 1
        if not (self._led(line) or self.collector.bare(line)):
            self._words(line)
        return 1

    def _aside(self, text: str) -> int:
        """Take a comment or a directive in."""
        words = text.split()
        if words[0].upper() == "$ORIGIN" and len(words) > 1:
            self.origin = self.owner = words[1]
        elif words[0].upper() != "$TTL":
            self.collector.end()
            self.collector.kind = type_of(text.strip("# :")) if text.startswith("#") else ""
            why = COMMENT if not text.startswith("$") else "this directive is not followed"
            self.records.append(Unread(text, why))
        return 1

    def _code(self, line: Line) -> int:
        text, taken = notation.joined(self.lines[self.at : self.at + notation.LINES_MAX])
        raw = "\n".join(self.lines[self.at : self.at + taken])
        if added := notation.update_line(text):
            head = zone.head_of(added)
            made = zone.read(head, [added], head.owner, "")[0] if head else None
            return self._add(replace(made, line=raw) if made else None, taken)
        made_rows = [made for row in notation.cells(text) if (made := rows.by_look(row, raw)) is not None]
        for one in made_rows:
            self._add(one, taken)
        if made_rows:
            return taken
        options = notation.options(text)
        if not options:
            return self._list(Line(raw, text), taken) if taken > 1 else 0
        name = options.get("name") or next((one for one in [options.get("domain", "")] if is_host(one)), "")
        return self._add(rows.record(options["type"], name, options["value"], options.get("priority", ""), raw), taken)

    def _list(self, line: Line, taken: int) -> int:
        """Take in a list of values that stands on several lines of code."""
        parts = parts_of(line.text.strip())
        for label, part in parts:
            self.collector.label(label, part, line)
        return taken if parts else 0

    def _labels(self, line: Line) -> int:
        """Take labels in, or give a label the text it waits for, however that looks."""
        text = line.text.strip()
        found = parts_of(text)
        beside = len(found) == 1 and found[0][0].field in BESIDE and type_of(text.split()[0]) in SUPPORTED
        if found and not beside and not (len(found) == 1 and len(cells.split(line.text)) > 2):
            for label, part in found:
                self.collector.label(label, part, line)
            return 1
        if self.collector.is_text(text):
            return int(self.collector.bare(line))
        if (alone := label_of(text)) and len(cells.split(line.text)) == 1:
            self.collector.label(alone, "", line)
            return 1
        if self.collector.awaits_text and len(cells.split(line.text)) <= 2 and not type_of(text):
            return int(self.collector.bare(line))
        return 0

    def _csv_row(self, line: Line) -> int:
        if self.csv is None:
            return 0
        delimiter, header = self.csv
        taken, text = 1, line.text
        while text.count('"') % 2 and taken < CSV_LINES_MAX and self.at + taken < len(self.lines):
            text = f"{text}\n{self.lines[self.at + taken]}"
            taken += 1
        text = text if text.count('"') % 2 == 0 else line.text
        row = cells.separated(text.replace("\n", " "), delimiter)
        made = rows.row(row, header, self._under_header(text), self.collector.kind) if len(row) > 1 else None
        return self._add(made, taken if text != line.text else 1)

    def _certain_zone(self, line: Line) -> int:
        return self._zone(line, certain=True)

    def _zone(self, line: Line, *, certain: bool = False) -> int:
        head = zone.head_of(line.text)
        if head is None or certain != head.certain or not (head.owner or self.owner):
            return 0
        owner = head.owner or self.owner
        rest = [line.text, *self.lines[self.at + 1 : self.at + zone.LINES_MAX]]
        made, taken = zone.read(head, rest, owner, self.origin)
        if made is not None:
            self.owner = owner
        return self._add(made, taken, line)

    def _table(self, line: Line) -> int:
        row = cells.split(line.text)
        if header := rows.header_of(row, line.raw.strip()) or _header_of_words(line.text):
            self.collector.close()
            self._end_header()
            self.header = header
            return 1
        header = self.header or self.collector.header
        if len(row) > 1 and cells.is_doubtful(line.text, row, len(header.columns) if header else 0):
            self.header = replace(self.header, line="") if self.header else None
            return self._add(Unread(line.raw.strip(), rows.DOUBTFUL), 1)
        if len(row) == 2 and (label := label_of(row[0])) and self.header is None and row[1]:
            self.collector.label(label, row[1], line)
            return 1
        for row in cells.splits(line.text, line.text.strip()):
            made = rows.row(row, header, self._under_header(line.raw.strip()), self.collector.kind)
            if made is not None:
                return self._add(made, 1, line)
        return 0

    def _under_header(self, text: str) -> str:
        """Return the line of a row, the first one with the header above it."""
        above = self.header.line if self.header else ""
        return f"{above}\n{text}" if above else text

    def _end_header(self) -> None:
        """Show a header under which nothing was read."""
        if self.header and self.header.line:
            self.records.append(Unread(self.header.line, "no row was recognised under these headings"))
        self.header = None

    def _new_csv(self, line: Line) -> int:
        for delimiter in ",;":
            row = cells.separated(line.text, delimiter) if line.text.count(delimiter) > 0 else []
            if header := rows.header_of(row, line.raw.strip()) if len(row) > 1 else None:
                self.collector.close()
                self._end_header()
                self.header, self.csv = header, (delimiter, header)
                return 1
        return 0

    def _words(self, line: Line) -> None:
        """Take a line that is left: a label and its text, "TXT name value", a sentence; else it is unread."""
        text = line.text.strip()
        if is_noise(text):
            self.records.append(Unread(line.raw.strip(), BUTTON))
            return
        if parts := spaced(text):
            self.collector.label(*parts[0], line)
            return
        self.collector.end()
        if self.collector.kind == "MX" and (exchange := exchange_of(text)) is not None and exchange.priority:
            last = self.records[-1] if self.records else None
            name = last.name if isinstance(last, Raw) and last.type == "MX" else ""
            self.records.append(Raw("MX", name, text, line.raw.strip(), repairs=line.repairs, remarks=(SAME_NAME,)))
            return
        made = sentence.of_words(text, line) or sentence.of_sentence(line, self.collector.kind, self.domain)
        if made is not None:
            self.records.append(made)
            return
        self._prose(line)

    def _led(self, line: Line) -> bool:
        """Read the line as the end of the sentence above it ("... with this value:")."""
        lead, self.lead = self.lead, None
        if lead is None or self.collector.busy or not self.records or self.records[-1].line != lead.raw.strip():
            return False
        both = Line(
            f"{lead.raw.strip()}\n{line.raw.strip()}", f"{lead.text.strip()} {line.text.strip()}", repairs=line.repairs
        )
        made = sentence.of_sentence(both, "", self.domain)
        if made is not None:
            self.records[-1] = made
        return made is not None

    def _prose(self, line: Line) -> None:
        text = line.text.strip()
        words = words_of(text)
        kinds = {word.upper() for word in words if word.upper() in SUPPORTED}
        self.collector.kind = next(iter(kinds)) if len(kinds) == 1 and len(words) <= HEADING_MAX_WORDS else ""
        self.warning = text[:120] if speaks_of_removing(text) and not number_in(text) else ""
        self.records.append(Unread(line.raw.strip(), why_unread(text)))
        self.lead = line if kinds and text.endswith((":", ".")) else None

    def _add(self, made: Raw | Unread | None, taken: int, line: Line | None = None) -> int:
        if made is None:
            return 0
        self.collector.close()
        if isinstance(made, Raw):
            if self.header and self.header.line and made.line.startswith(self.header.line):
                self.header = replace(self.header, line="")
            made = replace(made, repairs=(*made.repairs, *(line.repairs if line else ())))
        self.records.append(made)
        return taken


def _header_of_words(text: str) -> rows.Header | None:
    """Return the header of a table whose cells only single blanks part."""
    words = text.split()
    if not 2 < len(words) <= 6 or not all(label_of(word) for word in words):
        return None
    return rows.header_of(words, text.strip())
