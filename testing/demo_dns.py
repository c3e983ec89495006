"""`python -m testing.demo_dns acme-news.example`: a DNS server that shows the records of these domains of `bin/dev`.

Names that are reserved (RFC 2606) are in nobody's DNS. With DNS_RESOLVERS=127.0.0.1:5300, `bin/dev` asks this server.
"""

import os
import sys
import threading
from collections.abc import Iterable

import django
from django.apps import apps

from backoffice.development import environment
from testing.servers.dns import LoopbackDnsServer

PORT = 5300
STRING_MAX_CHARS = 255  # of a TXT record (RFC 1035 3.3.14)


def main(domains: list[str]) -> None:
    environment.set_up()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    server = LoopbackDnsServer(port=PORT)
    print(f"{server.address} shows these records, and nothing else, until Ctrl-C:", *publish(server, domains), sep="\n")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop()


def publish(server: LoopbackDnsServer, domains: Iterable[str]) -> list[str]:
    """Give the server what the product asks to publish for these domains; return the records in words."""
    rows = apps.get_model("whitelabel", "DnsRecord")._default_manager.filter(sending_domain__domain__in=domains)
    for row in rows:
        server.add(row.name, row.type, _in_zone_form(row.type, row.to_publish))
    return [f"  {row}" for row in rows]


def _in_zone_form(kind: str, value: str) -> str:
    if kind != "TXT":
        return f"{value}."
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{text[at : at + STRING_MAX_CHARS]}"' for at in range(0, len(text), STRING_MAX_CHARS))


if __name__ == "__main__":
    main(sys.argv[1:])
