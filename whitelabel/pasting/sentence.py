"""Read a record out of a sentence or a line of words that speaks of one: as strictly as it is uncertain."""

import re
from dataclasses import replace
from itertools import pairwise

from whitelabel.pasting.markup import Line
from whitelabel.pasting.result import Raw
from whitelabel.pasting.shapes import (
    exchange_of,
    fits,
    host_in,
    is_host,
    is_name,
    is_strong_name,
    is_strong_text,
    is_text_of_mail,
    needs_name,
    number_in,
    priority_in,
    without_buttons,
)
from whitelabel.pasting.words import SUPPORTED, is_naming, is_noise, is_page_word, speaks_of_removing, type_of

READ = "It was read out of a sentence; compare it with the page."
WEAK_NAME = "It was read out of a line of words; check that “{name}” is the name."
LAST_NUMBER = "The number behind the value was taken for its TTL."
WORDS_MAX = 80
_TYPES = re.compile(r"\b(TXT|CNAME|MX)\b")
_QUOTED = re.compile(
    r"\"([^\"]{1,2000})\"|“([^”]{1,2000})[”“]|„([^“”]{1,2000})[“”]|«\s*([^»]{1,2000}?)\s*»|(?<!\w)'([^']{1,2000})'(?!\w)"
)
_VERSION = re.compile(r"\bv=(?:spf1|dkim1|dmarc1)\b", re.IGNORECASE)
_TEXT = re.compile(
    r"(?<![\w=;])(?:v=(?:spf1|dkim1|dmarc1|stsv1|tlsrptv1|bimi1)\b.*|k=rsa;.*|[\w.-]{2,60}-verification[\w-]*=\S+|MS=ms\d+)",
    re.IGNORECASE,
)


def of_words(text: str, line: Line) -> Raw | None:
    """Return the record of "TXT name value", "name TXT value" or "TXT value" with single blanks."""
    words = text.split(None, 4)
    at = next(
        (at for at, word in enumerate(words[:3]) if type_of(word) in SUPPORTED and word.isupper() | (at == 0)), -1
    )
    if at < 0 or len(words) < 2:
        return None
    kind = type_of(words[at])
    before = [word for word in words[:at] if not (number_in(word) or is_noise(word))]
    rest = text.split(None, at + 1)[at + 1 :]
    if len(before) > 1 or not rest:
        return None
    name, value = (before[0], rest[0]) if before else _name_and_value(kind, rest[0])
    return _checked(kind, name.strip("\"'“”:,"), value, line) if value else None


def _name_and_value(kind: str, rest: str) -> tuple[str, str]:
    """Return the name in front of a value; "" where the value itself begins."""
    if is_strong_text(rest) or (kind == "MX" and exchange_of(rest) is not None):
        return "", rest
    words = rest.split(None, 2)
    if len(words) > 2 and words[0].isdigit():
        return words[1], words[2]
    name, _, value = rest.partition(" ")
    return name, value.strip()


def _checked(kind: str, name: str, value: str, line: Line) -> Raw | None:
    if kind == "TXT" and is_text_of_mail(value) and needs_name(value) and not (is_strong_name(name) or "dmarc" in name):
        return None
    value, repairs = _without_number(kind, value)
    if (
        (name and not is_name(name))
        or not fits(kind, value)
        or (kind == "CNAME" and len(without_buttons(value).split()) > 1)
    ):
        return None
    weak = name and not is_strong_name(name)
    remarks = (WEAK_NAME.format(name=name),) if weak else ()
    exchange = exchange_of(value) if kind == "MX" else None
    raw = Raw(kind, name, value, line.raw.strip(), repairs=(*line.repairs, *repairs), remarks=remarks)
    return replace(raw, priority=exchange.priority) if exchange else raw


def _without_number(kind: str, value: str) -> tuple[str, tuple[str, ...]]:
    """Return a value without the TTL behind it, which stands alone where a value of its kind cannot."""
    words = value.split()
    if kind == "MX" or len(words) < 2 or not number_in(words[-1]):
        return value, ()
    return " ".join(words[:-1]), (LAST_NUMBER,)


def of_sentence(line: Line, kind: str, domain: str) -> Raw | None:
    """Return the record that a sentence speaks of, where one type, one name and one value are surely in it."""
    text = line.text.strip()
    words = text.split(None, WORDS_MAX)
    if not 2 < len(words) <= WORDS_MAX or speaks_of_removing(text):
        return None
    kinds = set(_TYPES.findall(text))
    if len(kinds) > 1 or not (kinds or kind):
        return None
    kind = kinds.pop() if kinds else kind
    spans = [*line.ticked, *("".join(groups) for groups in _QUOTED.findall(text))]
    found = _text_record(text, spans, domain) if kind == "TXT" else _host_record(kind, words, spans, domain)
    if found is None:
        return None
    name, value, priority = found
    return Raw(kind, name, value, line.raw.strip(), priority=priority, repairs=line.repairs, remarks=(READ,))


def _text_record(text: str, spans: list[str], domain: str) -> tuple[str, str, str] | None:
    match = _TEXT.search(text)
    quoted = [span for span in spans if is_strong_text(span)]
    names = _names(text.split(), [], domain)
    if not quoted and not match and len(names) == len(spans) == 1 and names != spans:
        return names[0], spans[0], ""
    value = quoted[0] if quoted else match[0].rstrip(" .\"'”“»)") if match else ""
    if not value or len(quoted) > 1 or len(_VERSION.findall(text)) > 1:
        return None
    around = text.replace(value, " ", 1)
    names = _names(around.split(), [span for span in spans if span not in quoted], domain)
    return (names[0], without_buttons(_to_its_end(value)), "") if len(names) == 1 else None


def _to_its_end(value: str) -> str:
    """Return a value without the sentence behind it: SPF ends with "all", a list of tags with its last one."""
    if ended := re.match(r"v=spf1\b.*?\s[+?~-]?all\b", value, re.IGNORECASE):
        return ended[0]
    *tags, last = value.rstrip("; ").split(";")
    return ";".join([*tags, f" {last.split()[0]}" if tags else last.split()[0]]) if last.strip() else value


def _names(words: list[str], spans: list[str], domain: str) -> list[str]:
    bare = [word.strip("\"'“”„«»()[]<>,;:`").rstrip(".") for word in words]
    strong = [
        word for word in bare if word == "@" or (is_strong_name(word) and ("_" in word or _is_within(word, domain)))
    ]
    return list(dict.fromkeys([*strong, *(span for span in spans if is_name(span) and not type_of(span))]))


def _host_record(kind: str, words: list[str], spans: list[str], domain: str) -> tuple[str, str, str] | None:
    bare = [word.strip("\"'“”„«»()[]<>,;:`").rstrip(".") for word in words]
    hosts = list(
        dict.fromkeys(
            host_in(word) for word in bare if is_host(host_in(word)) and not word[0].isdigit() | ("@" in word)
        )
    )
    names = list(dict.fromkeys([*_names(words, spans, domain), *_announced(bare)]))
    targets = [host for host in hosts if host not in names]
    if not targets and len(hosts) == 1 and len(names) == 2 and not _is_within(hosts[0], domain):
        targets, names = hosts, [name for name in names if name != hosts[0]]
    if len(targets) != 1 and len(hosts) == 2 and hosts[0] in names:
        targets, names = [hosts[1]], [name for name in names if name != hosts[1]]
    if len(targets) != 1 or len(names) != 1:
        return None
    at = next((at for at, word in enumerate(bare) if host_in(word) == targets[0]), len(bare))
    return names[0], targets[0], priority_in(bare, at)[0] if kind == "MX" else ""


def _announced(words: list[str]) -> list[str]:
    """Return the word behind one that says that a name follows ("named em1")."""
    pairs = pairwise(word for word in words if word)
    return [
        name
        for before, name in pairs
        if is_naming(before) and is_name(name) and not (is_host(name) or is_page_word(name))
    ]


def _is_within(name: str, domain: str) -> bool:
    return f".{name}".lower().endswith(f".{domain}")
