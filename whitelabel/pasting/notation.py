"""Read lines that are no page but a command or code: each is rewritten as a row of cells, or as a line of a zone file.

dnscontrol, nsupdate, tinydns-data, PowerShell, the command lines of clouds, and what dig, host and nslookup answer.
"""

import re
import shlex
from collections.abc import Sequence

from whitelabel.pasting.shapes import is_strong_name
from whitelabel.pasting.words import SUPPORTED, label_of, plain

LINES_MAX = 12  # of one command that goes on behind a backslash or a grave accent
_OPEN_LIST = re.compile(r"=\s*\[[^\[\]]*$")
_CALL = re.compile(r"\b(TXT|CNAME|MX)\(\s*(.{1,4000}?)\)\s*(?:,|;|\)|$)")
_ARGUMENT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|(\d{1,6})")
_UPDATE = re.compile(r"\s*(?:update\s+)?add\s+(?=\S+\s+(?:\d+\s+)?(?:IN\s+)?(?:TXT|CNAME|MX)\s)", re.IGNORECASE)
_TINY = {
    "'": re.compile(r"'([^:\s]+\.[^:\s]+):((?:[^:])*)(?::\d*){0,3}"),
    "C": re.compile(r"C([^:\s]+\.[^:\s]+):([^:\s]+\.[^:\s]+)(?::\d*){0,3}"),
    "@": re.compile(r"@([^:\s]+\.[^:\s]+):[\d.]*:([^:\s]+\.[^:\s]+):(\d*)(?::\d*){0,3}"),
}
_OCTAL = re.compile(r"\\([0-7]{3})")
_ANSWERS = (
    (re.compile(r"(\S+)\s+(?:descriptive text|text =)\s+(\".*\")"), "TXT"),
    (re.compile(r"(\S+)\s+(?:is an alias for|canonical name =)\s+(\S+)"), "CNAME"),
    (re.compile(r"(\S+)\s+(?:mail is handled by|mail exchanger =)\s+(\d+ \S+)"), "MX"),
    (re.compile(r"(\S+)\s+MX preference = (\d+), mail exchanger = (\S+)"), "MX"),
)
_COMMAND = re.compile(r"\s*[\w$>.#~/-]{1,40}(?:\s+[\w./:-]{1,60}){0,8}\s+-{1,2}[A-Za-z]")
_SHORT = {
    "n": "name",
    "t": "type",
    "z": "domain",
    "v": "value",
    "c": "value",
    "d": "value",
    "e": "value",
    "p": "priority",
}
_CMDLET = re.compile(r"ResourceRecord(TXT|CNAME|MX)$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def joined(lines: Sequence[str]) -> tuple[str, int]:
    """Return a command or a list with the lines that it goes on in, and how many those are."""
    text, taken = lines[0], 1
    while taken < min(len(lines), LINES_MAX) and (
        text.rstrip().endswith(("\\", " `", " ^")) or _OPEN_LIST.search(text)
    ):
        bare = text.rstrip()
        text = f"{bare if _OPEN_LIST.search(text) else bare[:-1].rstrip()} {lines[taken].strip()}"
        taken += 1
    return text, taken


def update_line(line: str) -> str:
    """Return the zone line that an nsupdate command adds, "" where it is none."""
    match = _UPDATE.match(line)
    return line[match.end() :] if match else ""


def cells(line: str) -> list[list[str]]:
    """Return the rows (type, name, perhaps a priority, value) that a line of code or of an answer gives."""
    return [row for row in (*_calls(line), _tiny(line.strip()), _answer(line.strip())) if row]


def _calls(line: str) -> list[list[str]]:
    rows = [[match[1], *_arguments(match[2])] for match in _CALL.finditer(line)] if "(" in line else []
    return [row for row in rows if len(row) > 2]


def _arguments(text: str) -> list[str]:
    unescaped = [
        re.sub(r"\\(.)", r"\1", first or second) or number for first, second, number in _ARGUMENT.findall(text)
    ]
    if "[" not in text:
        return unescaped[:3]
    return [unescaped[0], "".join(unescaped[1:])] if unescaped else []


def _tiny(line: str) -> list[str]:
    """Return the row of a line of tinydns-data (cr.yp.to/djbdns/tinydns-data.html)."""
    match = _TINY[line[0]].fullmatch(line) if line[:1] in _TINY else None
    if match is None:
        return []
    if line[0] == "@":
        return ["MX", f"{match[1]}.", match[3] or "0", match[2]]
    kind, value = (
        ("CNAME", match[2]) if line[0] == "C" else ("TXT", _OCTAL.sub(lambda code: chr(int(code[1], 8)), match[2]))
    )
    return [kind, f"{match[1]}.", value]


def _answer(line: str) -> list[str]:
    for pattern, kind in _ANSWERS:
        if match := pattern.fullmatch(line):
            return [kind, *match.groups()]
    return []


def options(line: str) -> dict[str, str]:
    """Return the parts of a record that the options of a command give; {} where it is no such command."""
    if not _COMMAND.match(line):
        return {}
    try:
        words = shlex.split(line)
    except ValueError:
        return {}
    parts: dict[str, str] = {}
    for at, word in enumerate(words):
        _option(word, words[at + 1 : at + 2], parts)
    kinds = [word.strip("-").upper() for word in words if word.strip("-").upper() in SUPPORTED]
    kinds += [match[1].upper() for word in words[:1] if (match := _CMDLET.search(word))]
    plain_words = [
        word for at, word in enumerate(words[1:]) if not word.startswith("-") and not words[at].startswith("-")
    ]
    named = [word for word in plain_words if is_strong_name(word)]
    if kinds:
        parts.setdefault("type", kinds[0])
    if named:
        parts.setdefault("name", named[0])
    return parts if {"type", "value"} <= parts.keys() else {}


def _option(word: str, following: list[str], parts: dict[str, str]) -> None:
    """Take in an option, written as "--name value", "--name=value" or "-Name value"."""
    if not word.startswith("-") or len(word) < 2:
        return
    key, _, given = word.lstrip("-").partition("=")
    value = given or next((text for text in following if not text.startswith("--")), "")
    field = _SHORT.get(key) or _field(" ".join(_CAMEL.split(key)))
    if field and value:
        parts.setdefault(field, value.strip("\"'"))


def _field(key: str) -> str:
    words = plain(key).replace("-", " ").split()
    if words[:1] == ["zone"]:
        return "domain"
    if "exchange" in words or words == ["host", "name", "alias"] or "text" in words:
        return "value"
    label = label_of(" ".join(words)) if words else None
    return label.field if label else ""
