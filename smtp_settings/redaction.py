"""Take secrets out of what servers say, in every form in which a sign-in can echo them."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

MASK = "[secret]"
TEXT_MAX_CHARS = 500
RAW_MAX_CHARS = 4096  # looking for secrets takes time with the square of the length
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
FORM_MIN_CHARS = 4  # the hexadecimal form of a letter is in every other word
CORE_MIN_CHARS = 6
BASE64_CHARS = "[A-Za-z0-9+/=_-]*"


class Redactor:
    """Knows the secrets of one session; its own repr shows nothing of them."""

    def __init__(self, username: str = "", *secrets: str) -> None:
        forms = {form for secret in secrets if secret for form in _forms(username, secret)}
        self._forms = sorted(forms, key=len, reverse=True)
        cores = sorted({re.escape(core) for secret in secrets for core in _cores(secret)})
        self._inside_base64 = re.compile(f"{BASE64_CHARS}(?:{'|'.join(cores)}){BASE64_CHARS}") if cores else None

    def __repr__(self) -> str:
        return "<Redactor>"

    def clean(self, raw: bytes | str) -> str:
        """Return `raw` as one readable line without secrets and control characters, of at most 500 characters."""
        text = (raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw)[:RAW_MAX_CHARS]
        if self._inside_base64:
            text = self._inside_base64.sub(MASK, text)
        for form in self._forms:
            text = text.replace(form, MASK)
        return " ".join(CONTROL.sub(" ", text).split())[:TEXT_MAX_CHARS]


def _forms(username: str, secret: str) -> set[str]:
    """Return raw, quoted, hexadecimal, base64, SASL PLAIN (RFC 4616) and XOAUTH2 forms of the secret."""
    plain, bearer = f"\0{username}\0{secret}", xoauth2(username, secret)
    forms = {secret, quote(secret, safe=""), plain, f"{username}\0{secret}", bearer}
    wholes = (secret, plain, f"{username}\0{username}\0{secret}", f"{username}:{secret}", bearer)
    forms |= {_base64(form) for form in wholes}
    forms |= {quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1]}
    forms |= {secret.encode().hex(), secret.encode().hex().upper()}
    variants = {variant for form in forms for variant in (form, form.rstrip("="))} - {""}
    return {form for form in variants if form == secret or len(form) >= FORM_MIN_CHARS}


def _cores(secret: str) -> set[str]:
    """Return what base64 makes of the secret wherever in a longer text it stands: three shifts, two alphabets.

    Where it begins and ends within a group of three bytes, that group depends on its neighbours and is left out.
    """
    raw = secret.encode()
    inner = [raw[skip : skip + (len(raw) - skip) // 3 * 3] for skip in (0, 1, 2)]
    cores = {encode(part).decode() for part in inner for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    return {core for core in cores if len(core) >= CORE_MIN_CHARS}


def xoauth2(username: str, token: str) -> str:
    """Return what a client says to sign in by XOAUTH2, before it is put into base64."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
