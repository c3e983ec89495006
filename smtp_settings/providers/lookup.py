"""Find a provider among those that are known: by name, by the domain of an address, by mail exchanger, by host."""

from functools import cache

from smtp_settings.models import SmtpServer
from smtp_settings.providers import table
from smtp_settings.providers.provider import Provider, Region

Found = tuple[Provider, Region] | None


@cache
def known() -> tuple[Provider, ...]:
    """Return every provider in the order of the table, read once; raises `provider_table.BrokenTable`."""
    return table.load(table.FILE.read_text("utf-8"))


def by_name(typed: str) -> Provider | None:
    """Return the provider of this name, else the only one whose name contains it."""
    wanted = typed.strip().casefold()
    exact = [provider for provider in known() if provider.name.casefold() == wanted]
    similar = exact or [provider for provider in known() if wanted and wanted in provider.name.casefold()]
    return similar[0] if len(similar) == 1 else None


def by_domain(domain: str) -> Found:
    return next(((provider, region) for provider, region in _places() if domain in region.domains), None)


def by_mx(exchanger: str) -> Found:
    return next(
        ((provider, region) for provider, region in _places() if any(_is_like(exchanger, mx) for mx in region.mx)), None
    )


def by_host(host: str, address: str = "") -> Found:
    """Return whose server `host` is; where several share it, the one whose address or domain of one's own it is."""
    wanted, domain = host.lower().rstrip("."), address.rpartition("@")[2].lower()
    sharing = [scope for scope in _places() if scope[1].host == wanted]
    return min(sharing, key=lambda scope: domain not in scope[1].domains and bool(scope[1].domains), default=None)


def warnings_of(server: SmtpServer | None) -> list[str]:
    """Return what is to be known about a stored server."""
    found = by_host(server.host, server.sender_address) if server else None
    return found[0].warnings_for(server.auth) if server and found else []


def _places() -> list[tuple[Provider, Region]]:
    return [(provider, region) for provider in known() for region in provider.regions]


def _is_like(name: str, pattern: str) -> bool:
    """Compare by equal label sequence; a first * stands for one or more labels."""
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
