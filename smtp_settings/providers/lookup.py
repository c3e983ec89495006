"""Find a provider among those that are known: by name, by the domain of an address, by mail exchanger, by host."""

from functools import cache

from smtp_settings.models import SmtpServer
from smtp_settings.providers import table
from smtp_settings.providers.provider import Provider, Region

Match = tuple[Provider, Region] | None


@cache
def all_providers() -> tuple[Provider, ...]:
    """Return every provider in the order of the table, read once; raises `table.BrokenTable`."""
    return table.load(table.FILE.read_text("utf-8"))


def by_name(typed: str) -> Provider | None:
    """Return the provider of this name, else the only one whose name contains it."""
    wanted = typed.strip().casefold()
    exact = [provider for provider in all_providers() if provider.name.casefold() == wanted]
    similar = exact or [provider for provider in all_providers() if wanted and wanted in provider.name.casefold()]
    return similar[0] if len(similar) == 1 else None


def by_domain(domain: str) -> Match:
    return next(((provider, region) for provider, region in _regions() if domain in region.domains), None)


def by_mx(exchanger: str) -> Match:
    return next(
        ((provider, region) for provider, region in _regions() if any(_is_like(exchanger, mx) for mx in region.mx)),
        None,
    )


def by_host(host: str, address: str = "") -> Match:
    """Return whose server `host` is; where several share it, the one whose address or domain of one's own it is."""
    name, domain = host.lower().rstrip("."), address.rpartition("@")[2].lower()
    sharing = [(provider, region) for provider, region in _regions() if region.host == name]
    return min(sharing, key=lambda match: domain not in match[1].domains and bool(match[1].domains), default=None)


def warnings_of(server: SmtpServer | None) -> list[str]:
    """Return what is to be known about a stored server."""
    match = by_host(server.host, server.sender_address) if server else None
    return match[0].warnings_for(server.auth) if server and match else []


def _regions() -> list[tuple[Provider, Region]]:
    return [(provider, region) for provider in all_providers() for region in provider.regions]


def _is_like(name: str, pattern: str) -> bool:
    """Compare by equal label sequence; a first * stands for one or more labels."""
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
