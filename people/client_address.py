"""The address that a request came from, by which tries are counted and the audit log is written: the only place that
looks at what proxies say."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"


def client_address(request: HttpRequest) -> str:
    """Return the IP address of who sent it, "" where nobody knows (a local socket).

    Each of the `PROXY_HOPS` proxies has added to the right of X-Forwarded-For whom it heard from. So the address is
    that many from the right; what is further left anybody may have written. Where the header is shorter, the request
    came by another way, and only the connection is believed.
    """
    hops, connection = settings.PROXY_HOPS, request.META.get("REMOTE_ADDR", "")
    heard_from = request.META.get(FORWARDED_FOR, "").split(",")
    forwarded = heard_from[-hops] if 0 < hops <= len(heard_from) else ""
    return _address(forwarded) or _address(connection)


def _address(text: str) -> str:
    """Return the address without a port, "" where it is none: some proxies add the port, or say "unknown"."""
    host = split_domain_port(text.strip())[0] or text.strip()
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
