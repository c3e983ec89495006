"""What a name must be that mail carries in its header."""

import re

from django.core.exceptions import ValidationError

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(value: str) -> None:
    """Refuse what could begin another line (RFC 5322 2.2), or cannot be seen."""
    if CONTROL.search(value):
        raise ValidationError("Line breaks and control characters are not allowed here.")
