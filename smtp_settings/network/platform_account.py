"""Keep white-labels from the platform's own account at a mail server, and so from its reputation.

An account of their own at the same provider is theirs to use. Without a sign-in the server may know the installation by
its address; with the platform's username it is the platform's mail, or a way to have its account locked.
"""

import hmac
import time
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import ip_address

from smtp_settings.choices import Auth, Policy
from smtp_settings.models import Communication, SmtpServer
from smtp_settings.network.address_policy import Forbidden, is_excepted, lookup
from smtp_settings.network.special_addresses import Address
from smtp_settings.providers import lookup as providers
from smtp_settings.providers.provider import UsernameKind
from smtp_settings.sealing import CannotOpen

ADDRESSES_CACHED_SECONDS = 60
SAME_DOMAINS = {"googlemail.com": "gmail.com"}

PLATFORMS_SERVER = (
    "This is the platform's own SMTP server. To send through it, choose “Use the platform's SMTP”; "
    "here, give a server of your own provider."
)
NOBODYS_ACCOUNT = (
    "This is the platform's own SMTP server. Sign in with an account of your own there, or choose "
    "“Use the platform's SMTP”."
)
PLATFORMS_ACCOUNT = (
    "This is the platform's own account at this server. Sign in with an account of your own, or choose "
    "“Use the platform's SMTP”."
)


def judge(server: SmtpServer, addresses: Sequence[str], secrets: Sequence[str]) -> None:
    """Raise `Forbidden` where a white-label's `server` at `addresses` is the platform's, and its account not its own.

    `secrets` are those that it signs in with.
    """
    if server.policy != Policy.WHITE_LABEL:
        return
    for own in _same_as(server, [ip_address(address) for address in addresses]):
        if (
            own.auth == Auth.NONE
        ):  # it knows the installation by its address, and would take all mail for the platform's
            raise Forbidden(PLATFORMS_SERVER)
        if server.auth == Auth.NONE:
            raise Forbidden(NOBODYS_ACCOUNT, "auth")
        if _is_account_of(own, server.username, secrets):
            raise Forbidden(PLATFORMS_ACCOUNT, "username")


def is_same_user(one: str, other: str) -> bool:
    """Return whether two usernames may name one account at a server: where one has no domain, it is the other's."""
    (name, domain), (other_name, other_domain) = _parts_of(one), _parts_of(other)
    return name == other_name and (domain == other_domain or not (domain and other_domain))


def _parts_of(username: str) -> tuple[str, str]:
    """Return name and domain of a username as servers compare them, without what some of them leave aside.

    That is case, blanks, dots and a +tag; the domain may also stand before a backslash or after a percent sign.
    """
    text = unicodedata.normalize("NFKC", username).casefold()
    text = "".join(char for char in text if not char.isspace() and unicodedata.category(char)[0] != "C")
    before, backslash, rest = text.partition("\\")
    name, _, domain = (f"{rest}@{before}" if backslash else text).replace("%", "@").partition("@")
    return name.partition("+")[0].replace(".", ""), SAME_DOMAINS.get(domain, domain)


def _is_account_of(own: SmtpServer, username: str, secrets: Sequence[str]) -> bool:
    """Return whether somebody signs in as the platform does; where everybody has one username, by its secret."""
    provider = providers.by_host(own.host)
    if provider and provider[0].username_kind == UsernameKind.LITERAL and is_same_user(username, provider[0].username):
        return _is_secret_of(own, secrets)
    return is_same_user(username, own.username)


def _is_secret_of(own: SmtpServer, secrets: Sequence[str]) -> bool:
    try:
        known = own.open_secret().strip().encode()
    except CannotOpen:
        return False
    return any(hmac.compare_digest(secret.strip().encode(), known) for secret in secrets)


def _same_as(server: SmtpServer, addresses: Sequence[Address]) -> Iterator[SmtpServer]:
    """Give the platform's servers that `server` is; in an allowed network, where hosts share addresses, by port."""
    excepted = bool(addresses) and all(is_excepted(address) for address in addresses)
    host = server.host.lower().rstrip(".")
    for own in _platform_servers():
        if excepted and server.port != own.port:
            continue
        by_name = not excepted and host == own.host.lower().rstrip(".")
        if by_name or set(addresses) & set(_addresses_of(own.host, int(time.monotonic() // ADDRESSES_CACHED_SECONDS))):
            yield own


def _platform_servers() -> list[SmtpServer]:
    communication = Communication.current()
    return [server for server in (communication.server, communication.standby, SmtpServer.default()) if server]


@lru_cache(maxsize=16)
def _addresses_of(host: str, period: int) -> tuple[Address, ...]:
    """Return the addresses of `host`, asked once in a `period`: tenants' mail must not wait for it each time."""
    return tuple(lookup(host))
