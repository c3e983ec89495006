"""pyspf as a reference: it judges the same mails over the same zones, which it asks for in its own words."""

import ipaddress
import warnings
from collections.abc import Iterator
from unittest.mock import patch

from whitelabel.dns.answers import Lookup

with warnings.catch_warnings():  # of its escapes in strings, when Python compiles it for the first time
    warnings.simplefilter("ignore")
    import spf


def judged(domain: str, address: str, lookup: Lookup) -> str:
    """Return the result for a mail from somebody at `domain` that comes from `address`."""

    def answers(name: str, kind: str, *_: object, **__: object) -> Iterator[tuple[tuple[str, str], object]]:
        answer = lookup(name.rstrip(".").lower(), kind)
        if answer.is_unknown:
            raise spf.TempError(answer.why)
        for value in answer.values:
            yield (name, kind), _told(kind, value)

    with patch.object(spf, "DNSLookup", answers):
        result: str = spf.query(i=address, s=f"somebody@{domain}", h="client.test", strict=True).check()[0]
    return result


def _told(kind: str, value: str) -> object:
    if kind == "TXT":
        return (value.encode(),)
    if kind == "MX":
        preference, _, host = value.partition(" ")
        return int(preference), host
    return ipaddress.ip_address(value).packed if kind == "AAAA" else value
