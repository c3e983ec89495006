"""Part a line into cells: of a table as a browser copies it, of CSV, of words in columns or between signs."""

import csv
import re
from collections.abc import Iterator, Sequence

from whitelabel.pasting.shapes import is_name
from whitelabel.pasting.words import SUPPORTED, is_apex_phrase, is_page_word, type_of

PURPOSES = frozenset({"SPF", "DKIM", "DMARC", "BIMI", "MTA-STS", "TLS-RPT"})
CELLS_MAX = 40  # a line with more is no row
CELLS_WITHOUT_HEADER = 3
_GAP = re.compile(r"\t| {2,}")
_BAR = re.compile(r"(?<!\\)\|")
_SPACED_BAR = re.compile(r"\s+\|\s+|\s+\|$|^\|\s+")
_TIGHT_BAR = re.compile(r"(?<=[^\s\\])\|(?=\S)")
_RULE = re.compile(r"[\s|:+=*_~─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬━┃–—-]+")
_ARROW = re.compile(r"\s*(?:→|➜|➔|⇒|⟶|—>|–>|(?<![-=])[-=]{1,3}>)\s*")
_DASH = re.compile(r"\s+[–—/-]\s+")
_MARK = re.compile(r"\s+=\s+|:\s+|\s+:\s*")


def split(line: str) -> list[str]:
    """Return the cells of a line: between tabs, between bars (of which Markdown escapes those in a cell), or gaps."""
    text = line.strip().replace("│", "|").replace("┃", "|").replace("║", "|")
    if text.startswith("|"):
        between = _BAR.split(text)[1:]
        return [_unescaped(cell) for cell in between[: len(between) - (not between[-1])]]
    if "\t" in text:
        return [cell.strip() for cell in line.strip("\r\n ").split("\t")]
    if "|" in text:
        bars = _SPACED_BAR if _SPACED_BAR.search(text) else _BAR
        return [_unescaped(cell) for cell in bars.split(text)]
    return [cell.strip() for cell in _GAP.split(text)]


def _unescaped(cell: str) -> str:
    return cell.strip().replace("\\|", "|")


def splits(line: str, text: str) -> Iterator[list[str]]:
    """Yield the cells of a line in every way that they may be parted, the surest first."""
    first = split(line)
    if 1 < len(first) <= CELLS_MAX:
        yield first
        yield [part for cell in first for part in _apart(cell)]
    for mark in (_ARROW, _DASH, _MARK):
        if len(parts := mark.split(text, maxsplit=3)) > 1:
            yield [*_apart(parts[0]), *parts[1:]]
            yield [*_apart(parts[0]), mark.split(text, maxsplit=1)[1]]
    for delimiter in ",;":
        if text.count(delimiter) > 1 and len(row := separated(text, delimiter)) > 2:
            yield row


def _apart(cell: str) -> list[str]:
    """Return a cell as a type and a name where it holds both ("TXT _dmarc", "em1 (CNAME)"), else as it is."""
    words = cell.split()
    if not 1 < len(words) < 6 or is_apex_phrase(cell):
        return [cell]
    bare = [word.strip("()\"'“”,:") for word in words]
    kinds = [word for word in bare if type_of(word) in SUPPORTED]
    names = [word for word in bare if is_name(word) and word not in kinds and word not in PURPOSES]
    if not all(word in kinds or word in names or word in PURPOSES or is_page_word(word) for word in bare):
        return [cell]
    if len(kinds) == 1 and not names and any(word in PURPOSES for word in bare):
        return kinds
    return [kinds[0], names[0]] if len(kinds) == len(names) == 1 else [cell]


def is_doubtful(line: str, cells: Sequence[str], columns: int) -> bool:
    """Return whether a bar may be part of a value: it stands tight where others do not, or there is one too many.

    `columns` is how many the header has, 0 where there is none.
    """
    text = line.strip()
    if not text.startswith("|"):
        return _SPACED_BAR.search(text) is not None and _TIGHT_BAR.search(text) is not None and "\t" not in text
    tight = len(_TIGHT_BAR.findall(text, 1))
    most = columns or (CELLS_WITHOUT_HEADER if tight else len(cells))
    return 0 < tight < len(cells) - 1 or len(cells) > most


def separated(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line of CSV, an empty list where it is none (RFC 4180)."""
    try:
        rows = list(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    return [cell.strip() for cell in rows[0]] if rows and len(rows[0]) <= CELLS_MAX else []


def is_rule(line: str) -> bool:
    """Return whether a line only draws the border of a table."""
    return len(line) > 2 and _RULE.fullmatch(line) is not None
