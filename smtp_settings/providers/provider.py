"""What is known of a mail provider: where its servers are, how one signs in, and what people must know."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models.enums import TextChoices
from django.utils import timezone

from smtp_settings.choices import Auth, Policy, Security
from smtp_settings.network.address_policy import WHITE_LABEL_PORTS

IMPLICIT_TLS_PORTS = (465, 2465, 8465)
STARTTLS_PORTS = (587, 2525, 2587, 8025)


class UsernameKind(TextChoices):
    ADDRESS = "ADDRESS", "The whole address of the sender."
    LITERAL = "LITERAL", "Always the same word."
    OWN = "OWN", "One that the provider makes."


@dataclass(frozen=True)
class Region:
    """A data centre of a provider, with servers of its own; a provider with a single one has a region without name."""

    key: str
    name: str
    host: str
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hint:
    """What is wrong with a value of `field` that is not of `shape`; `blocks` where it certainly cannot work."""

    field: str
    shape: str
    sentence: str
    blocks: bool = False

    def fits(self, value: str) -> bool:
        return re.fullmatch(self.shape, value) is not None


@dataclass(frozen=True)
class DatedWarning:
    """What to know about servers that sign in by `auth`: one sentence until `day`, another from it on."""

    day: date
    auth: str
    before: str
    since: str

    @property
    def has_begun(self) -> bool:
        return timezone.now().date() >= self.day

    @property
    def sentence(self) -> str:
        return self.since if self.has_begun else self.before


@dataclass(frozen=True)
class Provider:
    key: str
    name: str
    regions: tuple[Region, ...]
    ports: tuple[int, ...]
    username_kind: UsernameKind
    password: str
    help: str
    username: str = ""
    notes: tuple[str, ...] = ()
    daily_limit: int = 0
    connections: int = 0
    token_source: str = ""
    hints: tuple[Hint, ...] = ()
    warnings: tuple[DatedWarning, ...] = ()

    def region(self, key: str) -> Region:
        """Return the region that `key` names, else the first."""
        return next((region for region in self.regions if region.key == key), self.regions[0])

    def ports_for(self, policy: str) -> list[int]:
        """Return the ports that a server of `policy` may use, in the order to prefer."""
        return [port for port in self.ports if policy != Policy.WHITE_LABEL or port in WHITE_LABEL_PORTS]

    def username_for(self, address: str) -> str:
        """Return what to fill in as the username, "" where only the provider can say."""
        usernames = {UsernameKind.ADDRESS: address, UsernameKind.LITERAL: self.username}
        return usernames.get(self.username_kind, "")

    @property
    def auth(self) -> Auth:
        """How to sign in: by tokens where the provider has them and a dated warning of passwords has come true."""
        refused = any(warning.auth == Auth.PASSWORD and warning.has_begun for warning in self.warnings)
        return Auth.XOAUTH2 if self.token_source and refused else Auth.PASSWORD

    @property
    def about_username(self) -> str:
        if self.username_kind == UsernameKind.LITERAL:
            return f"Always the word {self.username}."
        return self.username or self.username_kind.label

    def hint_for(self, field: str, value: str) -> Hint | None:
        """Return what is wrong with `value` as far as its shape tells."""
        return next((hint for hint in self.hints if hint.field == field and not hint.fits(value)), None)

    def warnings_for(self, auth: str) -> list[str]:
        return [warning.sentence for warning in self.warnings if warning.auth in ("", auth)]


def security_of(port: int) -> Security:
    """Return how the connection is protected at a port (RFC 8314 3.3)."""
    return Security.IMPLICIT_TLS if port in IMPLICIT_TLS_PORTS else Security.STARTTLS
