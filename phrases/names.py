"""What a name must be that mail carries in its header."""

import re

from django.core.exceptions import ValidationError

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SURROGATE = re.compile("[\ud800-\udfff]")
HALF_A_CHARACTER = "This text has half a character in it (a lone surrogate), which cannot be sent."


def one_line(value: str) -> None:
    """Refuse what could begin another line (RFC 5322 2.2), cannot be seen, or has no encoding (RFC 3629 3)."""
    if CONTROL.search(value):
        raise ValidationError("Line breaks and control characters are not allowed here.")
    if SURROGATE.search(value):
        raise ValidationError(HALF_A_CHARACTER)
