"""Where tokens come from: the endpoints and scopes of Microsoft and Google, and what a person must type elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from smtp_settings.choices import TokenSource

MICROSOFT = "https://login.microsoftonline.com/{directory}/oauth2/v2.0"
ANY_DIRECTORY = "common"
DIRECTORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Source:
    """`signs_in`: a person signs in at `name` (authorisation code); otherwise the application does by itself.

    An endpoint that is empty is typed by the person.
    """

    name: str
    signs_in: bool
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    scope: str = ""
    directory: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def typed(self) -> bool:
        return not self.token_endpoint


SOURCES: Mapping[str, Source] = {
    TokenSource.MICROSOFT_APPLICATION: Source(
        "Microsoft",
        signs_in=False,
        token_endpoint=f"{MICROSOFT}/token",
        scope="https://outlook.office.com/.default",
        directory=True,
    ),
    TokenSource.MICROSOFT_SIGN_IN: Source(
        "Microsoft",
        signs_in=True,
        authorization_endpoint=f"{MICROSOFT}/authorize",
        token_endpoint=f"{MICROSOFT}/token",
        scope="https://outlook.office.com/SMTP.Send offline_access",
        directory=True,
    ),
    TokenSource.GOOGLE_SIGN_IN: Source(
        "Google",
        signs_in=True,
        authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
        token_endpoint="https://oauth2.googleapis.com/token",  # noqa: S106
        scope="https://mail.google.com/",
        extra={"access_type": "offline", "prompt": "consent"},  # else Google gives no refresh token
    ),
    TokenSource.OTHER_APPLICATION: Source("the provider", signs_in=False),
    TokenSource.OTHER_SIGN_IN: Source("the provider", signs_in=True),
}


def host_of(address: str) -> str:
    return urlsplit(address).hostname or ""


def is_endpoint(address: str) -> bool:
    """Return whether `address` is one that secrets may be sent to: https, or on this very machine."""
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    alone = bool(url.hostname) and not (url.username or url.password or url.fragment) and port != 0
    return plain and alone and (url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK))
