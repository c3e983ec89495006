"""The rules for names of sending domains: one spelling each, and which ones nobody may ask for."""

import re
from functools import cache
from urllib.parse import urlsplit

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from publicsuffixlist import PublicSuffixList

from smtp_settings.models import Communication, SmtpServer

MAX_TYPED_CHARS = 300
IDEOGRAPHIC_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # UTS 46 reads them as full stops
NEVER_IN_PUBLIC_DNS = frozenset(  # RFC 6761, 6762 (appendix G), 7686, 9476, and what ICANN does not delegate
    "alt arpa corp home internal intranet invalid lan local localdomain localhost mail onion private".split()
)
FREE_MAIL = frozenset(
    """
    126.com 163.com aol.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com
    hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com laposte.net libero.it live.com mac.com
    mail.com mail.ru me.com msn.com naver.com orange.fr outlook.com outlook.de outlook.fr pm.me posteo.de proton.me
    protonmail.com qq.com rediffmail.com t-online.de tutanota.com uol.com.br virgilio.it wanadoo.fr web.de yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com
    """.split()
)


def canonical(typed: str) -> str:
    """Return the A-label form of `typed` (UTS 46, lower case, no trailing dot); raises `ValidationError`."""
    name = typed.strip().translate(IDEOGRAPHIC_DOTS).removesuffix(".")
    if not name or name.endswith(".") or len(name) > MAX_TYPED_CHARS:
        raise ValidationError("Type a domain such as example.com.")
    if "@" in name or "/" in name or ":" in name:
        raise ValidationError("Type only the domain, such as example.com: no address, no web link.")
    try:
        name = idna.encode(name, uts46=True, std3_rules=True, transitional=False).decode().lower()
    except idna.IDNAError as error:
        raise ValidationError("This is not a domain name: check it for blanks and special characters.") from error
    if _is_address(name):
        raise ValidationError("Type a domain such as example.com, not an IP address.")
    return name


def acceptable(typed: str) -> str:
    """Return the canonical form of a domain that a white-label may ask for; raises `ValidationError`."""
    name = canonical(typed)
    if "." not in name:
        raise ValidationError("A domain has at least two parts, such as example.com.")
    if name.rpartition(".")[2] in NEVER_IN_PUBLIC_DNS:
        raise ValidationError(f"{name} cannot be published in DNS; ask for a domain that you have registered.")
    if _suffixes().privatesuffix(name) is None:
        raise ValidationError(f"{name} is a public suffix: everybody registers names below it, nobody owns it.")
    if registrable(name) in FREE_MAIL or name in FREE_MAIL:
        raise ValidationError(f"{name} belongs to a mail provider; ask for a domain of your own.")
    if registrable(name) in {registrable(own) for own in platform_domains()}:
        raise ValidationError(f"{name} belongs to the platform itself.")
    return name


def platform_domains() -> set[str]:
    """Return the domains the platform itself uses: of its site, its senders and its support."""
    site = urlsplit(settings.SITE_URL).hostname or ""
    communication = Communication.current()
    servers = (communication.server, communication.standby, SmtpServer.default())
    addresses = [server.sender_address for server in servers if server]
    addresses.append(communication.support_address)
    names = (site.lower(), *map(domain_of, addresses))
    return {name for name in names if "." in name and not _is_address(name)}


def readable(name: str) -> str:
    """Return a canonical name as people write it, in their own letters."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


def display_name(name: str) -> str:
    """Return a canonical name as messages and pages write it: in its own letters, the canonical form beside those.

    What could be taken for another name stays visible so, wherever it is read.
    """
    letters = readable(name)
    return name if letters == name else f"{letters} ({name})"


def registrable(name: str) -> str:
    """Return the part of a canonical name that somebody registered: shop.example.co.uk gives example.co.uk."""
    return _suffixes().privatesuffix(name) or name


def is_public(name: str) -> bool:
    """Return whether a host name ends in a top-level domain that exists."""
    return _known_suffixes().publicsuffix(name) is not None


def is_within(name: str, domain: str) -> bool:
    """Return whether a canonical name is `domain` or below it, by labels: evilexample.com is not in example.com."""
    return name == domain or name.endswith(f".{domain}")


def above(name: str) -> list[str]:
    """Return the names above a canonical name, down to the one that somebody registered."""
    labels = name.split(".")
    parents = [".".join(labels[at:]) for at in range(1, len(labels))]
    return [parent for parent in parents if is_within(parent, registrable(name))]


def domain_of(address: str) -> str:
    """Return the canonical domain of an e-mail address, "" where there is none."""
    _, at, name = address.rpartition("@")
    try:
        return canonical(name) if at else ""
    except ValidationError:
        return ""


def _is_address(name: str) -> bool:
    """Return whether `name` is an IP address in any spelling: a last part that is a number makes it one."""
    last = name.strip("[]").rpartition(".")[2]
    return ":" in last or last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) is not None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)


@cache
def _known_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
