"""What a name must be that mail carries in its header, and what it may say beside an address."""

import re
import unicodedata

from django.core.exceptions import ValidationError

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # embeddings, overrides and isolates (UAX 9)
SURROGATE = re.compile("[\ud800-\udfff]")
HALF_A_CHARACTER = "This text has half a character in it (a lone surrogate), which cannot be sent."

LOOK_ALIKES = str.maketrans({"ⓐ": "@", "。": ".", "·": "."})  # NFKC knows the others
UNSEEN = {"Cf", "Mn", "Me"}  # zero-width and bidirectional characters, marks above and around a letter
NEVER_SEEN = re.compile(  # bidirectional controls (UAX 9), blanks without width, tags, fillers
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
JOINERS_IN_VAIN = re.compile(  # other than in scripts that join their letters, and in emoji (UAX 31 2.3)
    "[\u200c\u200d](?![\u0600-\u08ff\u0900-\u1cff\u2190-\u2bff\ua800-\uabff\U00010000-\U0010ffff])"
    "|(?<![\u0600-\u08ff\u0900-\u1cff\u2190-\u2bff\ua800-\uabff\U00010000-\U0010ffff\ufe0f])[\u200c\u200d]"
)
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")  # is shown as it is typed, and no address to anybody
APART = r"""(?<![^\s<>()\[\]"',;:]){}(?![^\s<>()\[\]"',;:])"""
AT_SIGN = re.compile(r"(?<=[^\s@])@(?=[^\s@])|(?<=[^\s@])\s*+@\s*+(?=[^\s@.]+\.[^\s@.])")


def one_line(value: str) -> None:
    """Refuse as a name what `in_header` does, and what turns the letters around of whatever stands beside it."""
    in_header(value)
    if TURNS.search(value):
        raise ValidationError("Characters that turn the order of letters around are not allowed here.")


def in_header(value: str) -> None:
    """Refuse what could begin another line (RFC 5322 2.2), cannot be seen, or has no encoding (RFC 3629 3)."""
    if CONTROL.search(value):
        raise ValidationError("Line breaks and control characters are not allowed here.")
    if SURROGATE.search(value):
        raise ValidationError(HALF_A_CHARACTER)


def beside(address: str, name: str) -> str:
    """Return `name` as receivers may see it in place of `address`: "" where it holds another address.

    Most mail programs show the name alone, so that an address in it is taken for the sender's. What turns the order of
    letters around, or cannot be seen, is left out.
    """
    if name.isascii() and "@" not in name:
        return name
    name = without_unseen(name)
    own = re.compile(APART.format(re.escape(_as_read(address))))
    read = own.sub("", _as_read(ENCODED_WORD.sub("", name)))
    return "" if AT_SIGN.search(read) else name


def without_unseen(text: str) -> str:
    """Return `text` without what only changes how other letters look; joiners stay between letters that need them."""
    if text.isascii():
        return text
    return JOINERS_IN_VAIN.sub("", NEVER_SEEN.sub("", text)).strip()


def _as_read(text: str) -> str:
    """Return `text` as a reader takes it: one letter for those that look alike, without what cannot be seen."""
    letters = unicodedata.normalize("NFKC", text.translate(LOOK_ALIKES)).lower()
    return "".join(char for char in letters if unicodedata.category(char) not in UNSEEN)
