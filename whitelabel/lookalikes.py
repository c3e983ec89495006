"""Remark on names that may be misread: mixed scripts, and letters that only look like others (after UTS 39)."""

import unicodedata
from collections.abc import Iterable

from whitelabel.domain_names import readable

# Letters of other scripts (Cyrillic, Greek, Armenian, rare Latin), digits, and what each is taken for at a glance.
_TAKEN_FOR = {
    **dict(zip("авгеёікмнорстухьѕїјүһӏԁԛԝ", "abreeikmhopctyxbsijyhldqw", strict=True)),
    **dict(zip("αβγεηικνορστυχω", "abyenikvopotuxw", strict=True)),
    **dict(zip("ցզլհյոսքօ", "gqlhjnupo", strict=True)),
    **dict(zip("ıɑɡłøđħ", "iaglodh", strict=True)),
    **dict(zip("01", "ol", strict=True)),
}
_PAIRS = (("rn", "m"), ("vv", "w"))
_MIXED_BY_CUSTOM = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)


def remarks(name: str, known: Iterable[str]) -> list[str]:
    """Return sentences about a canonical name that could be taken for one of `known`, or for any other."""
    labels = readable(name).split(".")
    found = [sentence for label in labels for sentence in (_mixed(label), _disguised(label)) if sentence]
    read_as = _skeleton(name)
    found += [f"It looks like {other}." for other in sorted(known) if other != name and _skeleton(other) == read_as]
    return found


def _mixed(label: str) -> str:
    scripts = _scripts(label)
    if len(scripts) < 2 or any(scripts <= custom for custom in _MIXED_BY_CUSTOM):
        return ""
    return f"“{label}” mixes letters of different scripts: {_listed(scripts)}."


def _disguised(label: str) -> str:
    """Say so where every letter is of another script and taken for a Latin one."""
    letters = [letter for letter in label if letter.isalpha()]
    scripts = _scripts(label)
    if not letters or "LATIN" in scripts or any(letter not in _TAKEN_FOR for letter in letters):
        return ""
    return f"“{label}” is written in {_listed(scripts)} letters but reads like “{_skeleton(label)}”."


def _skeleton(name: str) -> str:
    """Reduce a name to what the eye sees of it."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", readable(name)) if not unicodedata.combining(c))
    seen = "".join(_TAKEN_FOR.get(letter, letter) for letter in bare)
    for pair, single in _PAIRS:
        seen = seen.replace(pair, single)
    return seen


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}


def _listed(scripts: set[str]) -> str:
    return ", ".join(sorted(script.capitalize() for script in scripts))
