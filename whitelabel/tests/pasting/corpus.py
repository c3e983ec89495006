"""The samples of pastes and what is to be read from each; how well the reader does on one.

A sample is a file: a line that says what it is, a line for each record wanted (type, name, value; a name is counted
from example.com unless it ends with a dot), perhaps `domain` with the one that was asked for, `-----`, and the paste.
`{KEY}` stands for a whole DKIM key, `{KEY_A}` and `{KEY_B}` for its halves.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from whitelabel.dns.record import Record
from whitelabel.pasting import Pasted, blocks, read
from whitelabel.pasting.cells import is_rule

KEY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQD6R8SA3/++givl5s3jdBt3XtDbWQh0uzsXj0NI33nrvUjLQpHqpYAIALpK05kHRN6NfS2c1pVUdGmFL7G2"
    "9M9nmdSs5kVaCOz2MJjOfZ23yRArQZ1PjKTJImRuXuatbAA6kOana28Krj9EyVDLEQVpHJQBGT+f/16ABo4SsH0GrwIDAQAB"
)
SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))


class Grade(IntEnum):
    """How a sample was read, from the worst."""

    SILENT = 0  # a row is wrong and has no remark, or a line is gone
    REFUSED = 1
    PARTIAL = 2  # rows are missing or wrong, which is shown
    REMARKED = 3
    PERFECT = 4


@dataclass(frozen=True)
class Sample:
    name: str
    domain: str
    wanted: frozenset[Record]
    text: str


def sample_of(path: Path) -> Sample:
    head, _, text = path.read_text().partition("\n-----\n")
    for mark, key in (("{KEY}", KEY), ("{KEY_A}", KEY[:100]), ("{KEY_B}", KEY[100:])):
        head, text = head.replace(mark, key), text.replace(mark, key)
    lines = [line.split(" ", 2) for line in head.splitlines()[1:]]
    domain = next((words[1] for words in lines if words[0] == "domain"), "example.com")
    wanted = (
        Record(kind, _in_full(name, domain), value) for kind, name, value in (w for w in lines if w[0] != "domain")
    )
    return Sample(path.stem, domain, frozenset(wanted), text)


def _in_full(name: str, domain: str) -> str:
    below = domain.removeprefix("mg.")
    return below if name == "@" else name.removesuffix(".") if name.endswith(".") else f"{name}.{below}"


def grade(sample: Sample, pasted: Pasted) -> Grade:
    rows = frozenset(row.record for row in pasted.rows)
    wrong = [row for row in pasted.rows if row.record not in sample.wanted]
    if any(not row.remarks for row in wrong) or lost(sample, pasted):
        return Grade.SILENT
    if rows == sample.wanted:
        return Grade.REMARKED if any(row.remarks for row in pasted.rows) else Grade.PERFECT
    return Grade.PARTIAL if rows else Grade.REFUSED


def lost(sample: Sample, pasted: Pasted) -> list[str]:
    """Return the lines of a sample that are neither part of a row nor among the unread."""
    if "</" in sample.text or "=3D" in sample.text:
        return []
    shown = " ".join([*(row.line for row in pasted.rows), *(one.line for one in pasted.unread)])
    words = set(re.findall(r"\w+", shown))
    return [
        line for part, line in blocks.split(sample.text) if not (part or is_rule(line)) and not _words(line) <= words
    ]


def _words(line: str) -> set[str]:
    bare = re.sub(r"[​]", "", line)
    return set() if bare.startswith(("$TTL", "$ORIGIN")) else set(re.findall(r"\w+", bare))


def report(sample: Sample) -> tuple[Grade, Pasted]:
    pasted = read(sample.text, sample.domain)
    return grade(sample, pasted), pasted
