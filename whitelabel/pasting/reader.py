"""Read DNS records out of what a provider's page, an e-mail or a tool shows, in whatever way it is written."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from whitelabel.pasting import blocks, lint, markup, objects
from whitelabel.pasting.lines import LineReader
from whitelabel.pasting.repair import Repairer
from whitelabel.pasting.result import Pasted, PastedRow, Raw, Unread

PASTE_MAX_BYTES = 64 * 1024
TOO_LONG = "This is {size:,} bytes; at most {most:,} are read at once. Paste only the part with the DNS records."
CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def read(text: str, domain: str, *, spf_now: Sequence[str] = ()) -> Pasted:
    """Return the records of `domain` that `text` shows, and everything else in it. Raises `ValidationError`.

    `spf_now` are the SPF records that the domain has in DNS already. The time grows with the length of the text.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > PASTE_MAX_BYTES:
        raise ValidationError(TOO_LONG.format(size=size, most=PASTE_MAX_BYTES))
    parts = _parts(_plain(text), domain)
    repaired = [Repairer(part, domain).repair() if isinstance(part, Raw) else part for part in parts]
    records = [one for one in repaired if isinstance(one, PastedRow)]
    unread = [one for one in repaired if isinstance(one, Unread)]
    return Pasted(lint.rows(records, domain, spf_now), tuple(dict.fromkeys([*unread, *_controls(text)])))


def _parts(text: str, domain: str) -> Iterator[Raw | Unread]:
    """Yield what each part of the text gives: each block of JSON or YAML, and the lines between them."""
    lines: list[str] = []
    for part, value in blocks.split(text):
        if part:
            yield from LineReader(lines, domain).read()
            lines = []
            yield from _of_block(part, value, domain)
        else:
            lines.append(value)
    yield from LineReader(lines, domain).read()


def _of_block(part: str, value: Any, domain: str) -> list[Raw | Unread]:
    records = list(objects.read(value, domain))
    if any(isinstance(one, Raw) for one in records):
        return records
    kind = "JSON" if part.lstrip()[:1] in "{[" else "YAML"
    return [Unread(part, f"no DNS record was recognised in this {kind}"), *records]


def _controls(text: str) -> list[Unread]:
    count = sum(ord(letter) in CONTROLS for letter in text)
    why = "they cannot be seen, and were taken out before reading"
    return [Unread(f"{count} control characters", why)] if count else []


def _plain(text: str) -> str:
    """Return the text that a page or a mail shows: plain line breaks, no control characters, no HTML source."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(CONTROLS)
    decoded = markup.decoded(plain) if markup.is_quoted_printable(plain) else plain
    return markup.html_text(decoded) if markup.is_html(decoded) else decoded
