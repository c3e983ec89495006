"""Sign in to a server: by PLAIN, then by LOGIN, or by an access token (RFC 4954, RFC 4616, XOAUTH2)."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from smtp_settings.models import Credential
from smtp_settings.oauth import tokens
from smtp_settings.oauth.challenge import meaning_of
from smtp_settings.redaction import xoauth2

if TYPE_CHECKING:
    from smtp_settings.transport.session import Session

SIGNED_IN = 235  # 503 says that nobody may sign in now, not that somebody has: each session signs in once
GO_ON = 334
MECHANISM = re.compile(r"[A-Z0-9_-]{1,20}")  # RFC 4422 3.1
MECHANISMS_NAMED = 6

Reply = tuple[int, bytes]


def offered(features: Mapping[str, str]) -> list[str]:
    """Return the mechanisms that a server offers by EHLO, in its order."""
    names = features.get("auth", "").upper().split()
    return list(dict.fromkeys(name for name in names if MECHANISM.fullmatch(name)))


def in_words(names: Sequence[str]) -> str:
    """Return by which mechanisms there is a sign-in, where `names` are all."""
    if not names:
        return "no sign-in at all"
    names = names[:MECHANISMS_NAMED]
    return f"sign-in by {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))} only"


def methods(features: Mapping[str, str]) -> list[Callable[["Session", str], Reply]]:
    """Return how a password may be shown to a server, in the order in which it is to be tried."""
    known = {"PLAIN": by_plain, "LOGIN": by_login}
    names = offered(features)
    return [method for name, method in known.items() if name in names]


def by_plain(session: "Session", secret: str) -> Reply:
    """Show username and password at once; a server that wants no initial response asks for them (RFC 4954 4)."""
    response = _base64(f"\0{session.server.username}\0{secret}")
    reply = session.command("AUTH", f"PLAIN {response}", transcribed_as="AUTH PLAIN [secret]")
    return session.command(response, transcribed_as="[secret]") if reply[0] == GO_ON else reply


def by_login(session: "Session", secret: str) -> Reply:
    """Show username and password one after the other, as the server asks for them."""
    reply = session.command("AUTH", "LOGIN")
    if reply[0] == GO_ON:
        reply = session.command(_base64(session.server.username), transcribed_as="[username]")
    return session.command(_base64(secret), transcribed_as="[secret]") if reply[0] == GO_ON else reply


def by_token(session: "Session", credential: Credential, token: str) -> Reply:
    """Show an access token; one that the server refuses is never used again, and its reason stands in the reply."""
    response = _base64(xoauth2(session.server.username, token))
    code, text = session.command("AUTH", f"XOAUTH2 {response}", transcribed_as="AUTH XOAUTH2 [secret]")
    if code == GO_ON:  # the reason, as base64 of JSON; the refusal itself follows an empty line
        reason = meaning_of(text)
        code, text = session.command("", transcribed_as="[empty line]")
        text += reason.encode()
    if code != SIGNED_IN:
        tokens.spend(credential, token, session.server)
    return code, text


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
