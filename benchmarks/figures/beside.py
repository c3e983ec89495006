"""Figures beside a peer where the sink has to be special, or where accepting counts as well."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from backoffice.development import certificates
from benchmarks import surroundings
from benchmarks.databases import POSTGRESQL
from benchmarks.field import POST_OFFICE, Field, Run
from benchmarks.figures import Figure, at_least
from benchmarks.measuring import measure
from benchmarks.peers import django_backend
from benchmarks.processes import Program
from benchmarks.product import deliver_to, installed

DELAY_MS = 10
MAILS = 2_000
SLOW_MAILS = 300
QUICK_PART = 10


def round_trip(field: Field, *, quick: bool) -> Iterator[Figure]:
    """Every reply comes 10 ms later, as over a network; the product has one connection, Django one for each mail."""
    slow, mails = _counts(quick)
    with field.sink(delay_ms=DELAY_MS) as sink:
        django = django_backend(field, "each", sink=sink, messages=slow)
    with field.sink(delay_ms=DELAY_MS) as sink:
        product = deliver_to(sink, field, POSTGRESQL, 1, mails, connections=1)
    yield from _compared(f"with {DELAY_MS} ms for each reply, one connection", product, django, 3)


def starttls(field: Field, *, quick: bool) -> Iterator[Figure]:
    """The same authorities are trusted by both: the system's and the sink's."""
    slow, mails = _counts(quick)
    folder = field.new_folder("tls")
    authority = certificates.make(folder)
    certificate = str(folder / certificates.SERVER_FILE)
    with field.sink(certificate=certificate) as sink:
        trusted = {"STARTTLS": "1", "SSL_CERT_FILE": str(_all_authorities(authority))}
        django = django_backend(field, "each", sink=sink, messages=slow, **trusted)
    with field.sink(certificate=certificate) as sink:
        product = deliver_to(sink, field, POSTGRESQL, 1, mails, ca_file=str(authority))
    yield from _compared("with STARTTLS", product, django, 20)


def together(field: Field, *, quick: bool) -> Iterator[Figure]:
    """Accept one by one and deliver, with one process for each; post_office can only do one after the other."""
    messages = MAILS // (QUICK_PART if quick else 1)
    product, peer = product_together(field, messages), post_office_together(field, messages)
    yield Figure("accept and deliver, product, PostgreSQL", _speed(product), "mails/s")
    yield Figure("accept and deliver, django-post_office, PostgreSQL", _speed(peer), "mails/s")
    yield at_least("accept and deliver: ratio", _speed(product) / _speed(peer), "", 1.5)


def product_together(field: Field, messages: int) -> Run:
    with (
        field.sink() as sink,
        installed(field, POSTGRESQL, sink) as product,
        product.workers(1) as (worker,),
        product.beat(),
        Program(
            "product_accept", "one", str(messages), environment=product.environment(), log=product.folder / "accept.log"
        ) as accepting,
    ):
        accepting.wait_ready()

        def work() -> None:
            accepting.go(600)
            product.wait_until_sent(sink, messages)

        return measure([worker.pid, accepting.pid], work, sink, messages)


def post_office_together(field: Field, messages: int) -> Run:
    folder = field.new_folder("post_office")
    with field.sink() as sink, field.copy(POSTGRESQL, POST_OFFICE) as (_, url):
        environment = surroundings.of_peer(folder, database_url=url, sink_port=sink.port)
        log = folder / "log"
        with (
            Program("post_office_fill", "one", str(messages), environment=environment, log=log) as filling,
            Program("post_office_send", "1", environment=environment, log=log) as sending,
        ):
            filling.wait_ready()
            sending.wait_ready()

            def work() -> None:
                filling.go(600)
                sending.go(600)

            return measure([filling.pid, sending.pid], work, sink, messages)


def _compared(how: str, product: Run, django: Run, goal: float) -> Iterator[Figure]:
    yield Figure(f"product, PostgreSQL, {how}", _speed(product), "mails/s")
    yield Figure(f"Django's backend, a connection per mail, {how}", _speed(django), "mails/s")
    yield at_least(f"{how}: ratio", _speed(product) / _speed(django), "", goal)


def _speed(run: Run) -> float:
    return run.messages / run.seconds


def _counts(quick: bool) -> tuple[int, int]:
    part = QUICK_PART if quick else 1
    return SLOW_MAILS // part, MAILS // part


def _all_authorities(own: Path) -> Path:
    """Return a file with the system's authorities and our own: what a context built for each mail has to load."""
    system = ssl.get_default_verify_paths().cafile
    bundle = own.with_name("bundle.pem")
    bundle.write_bytes((Path(system).read_bytes() if system else b"") + own.read_bytes())
    return bundle
