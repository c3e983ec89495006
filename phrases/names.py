"""What a name must be that mail carries in its header, and what it may say beside an address."""

import re
import unicodedata

from django.core.exceptions import ValidationError

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SURROGATE = re.compile("[\ud800-\udfff]")
HALF_A_CHARACTER = "This text has half a character in it (a lone surrogate), which cannot be sent."

LOOK_ALIKES = str.maketrans({"ⓐ": "@", "。": ".", "·": "."})  # NFKC knows the others
UNSEEN = {"Cf", "Mn", "Me"}  # zero-width and bidirectional characters, marks above and around a letter
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")  # is shown as it is typed, and no address to anybody
APART = r"""(?<![^\s<>()\[\]"',;:]){}(?![^\s<>()\[\]"',;:])"""
AT_SIGN = re.compile(r"(?<=[^\s@])@(?=[^\s@])|(?<=[^\s@])\s*+@\s*+(?=[^\s@.]+\.[^\s@.])")


def one_line(value: str) -> None:
    """Refuse what could begin another line (RFC 5322 2.2), cannot be seen, or has no encoding (RFC 3629 3)."""
    if CONTROL.search(value):
        raise ValidationError("Line breaks and control characters are not allowed here.")
    if SURROGATE.search(value):
        raise ValidationError(HALF_A_CHARACTER)


def beside(address: str, name: str) -> str:
    """Return `name` as receivers may see it in place of `address`: "" where it holds another address.

    Most mail programs show the name alone, so that an address in it is taken for the sender's.
    """
    if name.isascii() and "@" not in name:
        return name
    own = re.compile(APART.format(re.escape(_as_read(address))))
    read = own.sub("", _as_read(ENCODED_WORD.sub("", name)))
    return "" if AT_SIGN.search(read) else name


def _as_read(text: str) -> str:
    """Return `text` as a reader takes it: one letter for those that look alike, without what cannot be seen."""
    letters = unicodedata.normalize("NFKC", text.translate(LOOK_ALIKES)).lower()
    return "".join(char for char in letters if unicodedata.category(char) not in UNSEEN)
