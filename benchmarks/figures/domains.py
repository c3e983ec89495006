"""The daily check: every active domain checked at once, by the product's own worker and beat, over a local network."""

import os
import struct
import sys
import time
from collections.abc import Iterator

from benchmarks.databases import POSTGRESQL
from benchmarks.dns_server import NUMBERS, RESOLVER
from benchmarks.field import Field
from benchmarks.figures import Figure, at_most
from benchmarks.processes import Failed, Process, wait_until
from benchmarks.product import Product, installed

DOMAINS = 10_000
QUICK_PART = 10
DELAY_MS = 10  # for each answer, as of name servers that are not far
PATIENCE_SECONDS = 1800
POLL_SECONDS = 0.5

LEFT = "SELECT count(*) FROM whitelabel_sendingdomain WHERE facts = '{}'"
NOT_FOUND = (
    "SELECT count(*) FROM whitelabel_dnsrecord WHERE status <> 'OK' OR observed_status <> 'OK' OR published = ''"
)


def domains(field: Field, *, quick: bool) -> Iterator[Figure]:
    count = DOMAINS // (QUICK_PART if quick else 1)
    count_file = field.new_folder("dns") / "dns.count"
    command = [sys.executable, "-m", "benchmarks.dns_server", str(count_file), "--delay-ms", str(DELAY_MS)]
    log = count_file.with_name("dns.log")
    with Process(command, environment=os.environ, log=log, cores=field.cores) as server, field.sink() as sink:
        server.wait_for_line("\n")
        port = log.read_text().split()[-1]
        settings = (("DNS_RESOLVERS", f"{RESOLVER}:{port}"), ("DNS_AUTHORITY_PORT", port))
        with installed(field, POSTGRESQL, sink, settings=settings) as product:
            product.run_program("domains_prepare", str(count))
            seconds = _round(product)
        asked, most = (int(number) for number in struct.unpack(NUMBERS.format, count_file.read_bytes()))
    what = f"daily round of {count:,} active domains, PostgreSQL"
    yield at_most(what, seconds / 60, "minutes", 10)
    yield Figure(f"{what}: questions", asked, "")
    yield Figure(f"{what}: questions a second", asked / seconds, "")
    yield at_most(f"{what}: questions under way, most", most, "", 50)


def _round(product: Product) -> float:
    """Let worker and beat do it, as in an installation; return the seconds, with the wait for the beat."""
    with product.workers(1):
        started = time.perf_counter()
        with product.beat():
            wait_until(
                lambda: not _count(product, LEFT),
                PATIENCE_SECONDS,
                lambda: f"{_count(product, LEFT)} domains were not looked at; the logs are in {product.folder}",
                pause_seconds=POLL_SECONDS,
            )
        seconds = time.perf_counter() - started
    if wrong := _count(product, NOT_FOUND):
        raise Failed(f"{wrong} records were not found, though all are published.")
    return seconds


def _count(product: Product, query: str) -> int:
    return int(product.databases.rows(product.database, query)[0][0])
