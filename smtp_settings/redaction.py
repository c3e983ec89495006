"""Take secrets out of what servers say, in every form in which a sign-in can echo them."""

import base64
import unicodedata
from urllib.parse import quote

MASK = "[secret]"
TEXT_MAX_CHARS = 500


class Redactor:
    """Knows the secret of one session; its own repr shows nothing of it."""

    def __init__(self, username: str = "", secret: str = "") -> None:
        self._forms = sorted(_forms(username, secret), key=len, reverse=True) if secret else []

    def __repr__(self) -> str:
        return "<Redactor>"

    def clean(self, raw: bytes | str) -> str:
        """Return `raw` as one readable line without secrets and control characters, of at most 500 characters."""
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
        for form in self._forms:
            text = text.replace(form, MASK)
        readable = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
        return " ".join(readable.split())[:TEXT_MAX_CHARS]


def _forms(username: str, secret: str) -> set[str]:
    """Return raw, URL-quoted, base64 and SASL PLAIN forms (RFC 4616) of the secret."""
    plain = f"\0{username}\0{secret}"
    forms = {secret, quote(secret, safe=""), plain, f"{username}\0{secret}"}
    forms |= {_base64(form) for form in (secret, plain, f"{username}\0{username}\0{secret}", f"{username}:{secret}")}
    return {variant for form in forms for variant in (form, form.rstrip("="))} - {""}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
