"""Remark on names that may be misread: mixed scripts, and letters that only look like others (UTS 39)."""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from whitelabel.domain_names import readable

BEYOND_UNICODE = {"ω": "w", "լ": "l", "յ": "j"}  # letters for which its table has no Latin one
SEQUENCES = (("rn", "m"), ("vv", "w"))
_MIXED_BY_CUSTOM = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)


def remarks(name: str, known: Iterable[str]) -> list[str]:
    """Return sentences about a canonical name that could be taken for one of `known`, or for any other."""
    labels = readable(name).split(".")
    sentences = [sentence for label in labels for sentence in (_mixed(label), _disguised(label)) if sentence]
    seen = skeleton(readable(name))
    alike = [other for other in sorted(known) if other != name and skeleton(readable(other)) == seen]
    return sentences + [f"It looks like {other}." for other in alike]


def _mixed(label: str) -> str:
    scripts = _scripts(label)
    if len(scripts) < 2 or any(scripts <= custom for custom in _MIXED_BY_CUSTOM):
        return ""
    return f"“{label}” mixes letters of different scripts: {_listed(scripts)}."


def _disguised(label: str) -> str:
    """Say so where every letter is of another script and taken for a Latin one."""
    letters = [letter for letter in label if letter.isalpha()]
    scripts = _scripts(label)
    if not letters or "LATIN" in scripts or any(_latin(letter) == letter for letter in letters):
        return ""
    return f"“{label}” is written in {_listed(scripts)} letters but reads like “{skeleton(label)}”."


def skeleton(text: str) -> str:
    """Reduce a text to what the eye sees of it (UTS 39 4): texts with one skeleton are taken for each other."""
    seen = "".join(_latin(letter) for letter in _without_marks(text))
    for pair, single in SEQUENCES:
        seen = seen.replace(pair, single)
    return seen


@cache
def _latin(letter: str) -> str:
    """Return the Latin letters that a letter or digit is taken for, as it is or as a capital; else itself."""
    if letter.isascii() and not letter.isdigit():
        return letter
    candidates = [*_confusables().get(letter, ()), *_confusables().get(letter.upper(), ())]
    plain = (_without_marks(candidate).lower() for candidate in candidates)
    return next((text for text in plain if text.isascii() and text.isalpha()), BEYOND_UNICODE.get(letter, letter))


@cache
def _confusables() -> dict[str, list[str]]:
    """Return Unicode's table of confusables, each way; the package's own functions drop what looks like two letters."""
    table: dict[str, list[str]] = json.loads(files("homoglyphs_fork").joinpath("confusables.json").read_text("utf-8"))
    return table


def _without_marks(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}


def _listed(scripts: set[str]) -> str:
    return ", ".join(sorted(script.capitalize() for script in scripts))
