"""The folder of caught mail: for each one the message as it came, and a JSON of its envelope."""

import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

MOST_KEPT = 1000
KEY = re.compile(r"\d{19}-[0-9a-f]{8}\Z", re.ASCII)


@dataclass(frozen=True)
class Envelope:
    """`at` is in seconds since 1970, UTC; `user` is "" where nobody signed in."""

    sender: str
    recipients: list[str]
    port: int
    tls: str
    user: str
    at: float


@dataclass(frozen=True)
class CaughtMail:
    key: str
    envelope: Envelope
    content: bytes

    @property
    def arrived(self) -> datetime:
        return datetime.fromtimestamp(self.envelope.at, tz=UTC)

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", "")) or "(no subject)"

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        """Return the text of the first part of this kind; what its character set does not know becomes U+FFFD."""
        part = self.message.get_body((kind,))
        if part is None:
            return ""
        raw = cast(bytes, part.get_payload(decode=True)) or b""
        try:
            return raw.decode(part.get_content_charset("utf-8"), "replace")
        except LookupError:
            return raw.decode("utf-8", "replace")


class MailFolder:
    """Newest first. The envelope is written last, so that a mail is seen only when it is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def store(self, envelope: Envelope, content: bytes) -> str:
        key = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
        self._write(f"{key}.eml", content)
        self._write(f"{key}.json", json.dumps(asdict(envelope)).encode())
        for old in self.keys()[MOST_KEPT:]:
            self._remove(old)
        return key

    def keys(self) -> list[str]:
        names = (path.stem for path in self.folder.glob("*.json"))
        return sorted((name for name in names if KEY.match(name)), reverse=True)

    def get(self, key: str) -> CaughtMail | None:
        """Return the mail `key` names, None for whatever is no such name."""
        if not KEY.match(key):
            return None
        try:
            envelope = Envelope(**json.loads((self.folder / f"{key}.json").read_bytes()))
            return CaughtMail(key, envelope, (self.folder / f"{key}.eml").read_bytes())
        except FileNotFoundError:
            return None

    def newest(self, count: int) -> Iterator[CaughtMail]:
        return (mail for key in self.keys()[:count] if (mail := self.get(key)))

    def _write(self, name: str, content: bytes) -> None:
        draft = self.folder / f".{name}"
        draft.write_bytes(content)
        draft.rename(self.folder / name)

    def _remove(self, key: str) -> None:
        for ending in ("json", "eml"):
            (self.folder / f"{key}.{ending}").unlink(missing_ok=True)
