"""Read DNS records out of what a provider's page shows: JSON, zone file, table, CSV or labels, also mixed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from whitelabel.pasting import json_records, json_text, lint
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
    """Yield what each part of the text gives: each object or list of JSON, and the lines between them."""
    lines: list[str] = []
    for part, value in json_text.split(text):
        if part:
            yield from LineReader(lines, domain).read()
            lines = []
            yield from _of_json(part, value, domain)
        else:
            lines.append(value)
    yield from LineReader(lines, domain).read()


def _of_json(part: str, value: Any, domain: str) -> list[Raw | Unread]:
    records = list(json_records.read(value, domain))
    if any(isinstance(one, Raw) for one in records):
        return records
    return [Unread(part, "no DNS record was recognised in this JSON"), *records]


def _controls(text: str) -> list[Unread]:
    count = sum(ord(letter) in CONTROLS for letter in text)
    why = "they cannot be seen, and were taken out before reading"
    return [Unread(f"{count} control characters", why)] if count else []


def _plain(text: str) -> str:
    """Return the text with plain line breaks, without control characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(CONTROLS)
