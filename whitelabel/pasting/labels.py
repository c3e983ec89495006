"""Find the labels of a line and the texts behind them ("Type: TXT, Name: _dmarc", "Host em1.example.com")."""

import re

from whitelabel.pasting.shapes import (
    host_in,
    is_host,
    is_strong_name,
    is_strong_text,
    number_in,
    without_buttons,
)
from whitelabel.pasting.words import (
    SUPPORTED,
    Label,
    is_apex_phrase,
    is_noise,
    is_record_noun,
    label_of,
    type_of,
)

LOOK_BACK_CHARS = 48
LABEL_WORDS_MAX = 5
_SEPARATOR = re.compile(r"\s?[:：](?=\s|$)|\s+(?:=>?|→|->)(?=\s|$)|[:=](?=[\"'\[])|^[^\s:=]{2,24}[:=](?=\S)")
_BOUNDARY = re.compile(r"[,;|\t]|(?<=\w)\(|  |\s[-–—]\s|[.!?]\s")
_ARGUMENT = re.compile(r"(\"|')((?:(?!\1).)*)\1\s*[,)]")
_CODE_STRING = re.compile(r"(\"|')(.*)\1\s*[,;]?")


def parts_of(text: str) -> list[tuple[Label, str]]:
    """Return the labels of a line with the texts behind them; [] where it has none."""
    starts: list[tuple[int, int, Label]] = []
    end = 0
    for match in _SEPARATOR.finditer(text):
        until = match.end() if match[0][-1:] in ":=" and len(match[0]) > 3 else match.start()
        begin, label = _label_before(text, max(end, until - LOOK_BACK_CHARS), until, first=not starts)
        if label is not None and (label.field not in {"name", "value", "type"} or _is_new(label, starts)):
            starts.append((begin, match.end(), label))
            end = match.end()
    ends = [*(begin for begin, _, _ in starts), len(text)][1:] if starts else []
    return [(label, _bare(text[at:to], label)) for (_, at, label), to in zip(starts, ends, strict=True)]


def _is_new(label: Label, starts: list[tuple[int, int, Label]]) -> bool:
    return all(label.field != other.field for _, _, other in starts)


def _label_before(text: str, low: int, high: int, *, first: bool) -> tuple[int, Label | None]:
    """Return the label that ends at `high`, and where it begins: as long as it can be."""
    segment = text[low:high].rstrip(":= \t")
    boundary = max((match.end() for match in _BOUNDARY.finditer(segment)), default=0)
    begin = low + boundary
    words = list(re.finditer(r"\S+", text[begin:high].rstrip(":= \t")))
    for word in words[-LABEL_WORDS_MAX:]:
        at = begin + word.start()
        if label := label_of(text[at:high].strip("\"'([ \t:=-")):
            prose = first and word is not words[0] and (label.field == "domain" or not text[high:].strip(" :="))
            return (high, None) if prose else (at, label)
    if segment.strip() == "records" and text[high:].lstrip(" =:").startswith("["):
        return low, Label("value")
    if is_record_noun(segment) and (is_strong_name(rest := text[high:].strip(" :=")) or is_apex_phrase(rest)):
        return low, Label("name")
    return high, None


def _bare(text: str, label: Label) -> str:
    """Return the text of a label without what parted it from the next, or what code has around it."""
    bare = text.strip().rstrip(",|").rstrip()
    bare = re.sub(r"\s+[-–—/|]$", "", bare)
    if label.field != "value":
        bare = bare.rstrip(";").strip()
    if argument := _ARGUMENT.match(bare):
        return argument[2]
    if (code := _CODE_STRING.fullmatch(bare)) and '" "' not in bare and code[1] not in code[2]:
        return code[2] if label.field != "value" or text.rstrip().endswith((",", ";")) or code[1] == "'" else bare
    return bare


def spaced(text: str) -> list[tuple[Label, str]]:
    """Return a label and its text that only a blank parts ("Host em1.example.com"), [] where there is none."""
    words = text.split(None, 4)
    for count in range(min(4, len(words) - 1), 0, -1):
        label = label_of(" ".join(words[:count]))
        if label is not None:
            rest = without_buttons(text.split(None, count)[count].strip())
            return [(label, rest)] if _answers(label, rest) else []
    return []


def _answers(label: Label, text: str) -> bool:
    """Return whether a text is surely what a label announces."""
    if label.field == "type":
        return type_of(text) in SUPPORTED
    if label.field in {"name", "domain"}:
        return is_strong_name(text) or is_apex_phrase(text)
    if label.field == "value":
        return is_strong_text(text) or is_host(host_in(text))
    return number_in(text) != "" or (label.field == "other" and is_noise(text))
