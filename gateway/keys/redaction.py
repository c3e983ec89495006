"""Take secrets out of what is logged: those of keys, as they are and within base64, as SASL PLAIN and LOGIN send them,
and those of links, whose address is all that opens them.
"""

import base64
import logging
import re

from gateway.secret import MARK, PREFIX_CHARS

MASK = "[secret]"
PUBLIC_CHARS = len(MARK) + PREFIX_CHARS
RUN = re.compile(r"[A-Za-z0-9+/=_-]{12,}")
LINK = re.compile(
    r"(/accounts/password/reset/key/\w+-|/accounts/profile/email/link/|/dns/)(?!set-password/)[^\s/?\"'<>]+"
)


def _within_base64(mark: bytes) -> set[str]:
    """Return what base64 makes of `mark` wherever in a longer text it stands: three shifts of whole groups."""
    whole = (mark[skip : skip + (len(mark) - skip) // 3 * 3] for skip in range(3))
    return {base64.b64encode(part).decode() for part in whole}


ENCODED_MARKS = (*_within_base64(MARK.encode()), MARK.encode().hex(), MARK.encode().hex().upper())


class RedactingFormatter(logging.Formatter):
    """Formats a record whole, with its traceback, and lets no secret of a key or a link through."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_links(redact(super().format(record)))


def redact(text: str) -> str:
    """Return `text` with the public beginning of each key alone; in time that grows with its length."""
    if MARK not in text and not any(mark in text for mark in ENCODED_MARKS):
        return text
    return RUN.sub(_masked, text)


def redact_links(text: str) -> str:
    """Return `text` without what makes the address of a link secret."""
    return LINK.sub(rf"\1{MASK}", text) if "/" in text else text


def _masked(run: re.Match[str]) -> str:
    begins = run[0].find(MARK)
    if begins >= 0:
        ends = begins + PUBLIC_CHARS
        return run[0][:ends] + (MASK if run[0][ends:].strip("_") else "")
    return MASK if any(mark in run[0] for mark in ENCODED_MARKS) else run[0]
