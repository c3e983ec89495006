"""Figures of the product alone: accepting, claiming from a large backlog, the way of one mail, memory over time."""

from collections.abc import Iterator

from benchmarks.databases import POSTGRESQL
from benchmarks.field import Field
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.measuring import patience_seconds
from benchmarks.processes import Process, wait_until
from benchmarks.product import POLL_SECONDS, installed
from benchmarks.sinks import Sink
from benchmarks.usage import resident_mb

EARLY_MAIL = 1_000
QUICK_PART = 10


def accept(field: Field, *, quick: bool) -> Iterator[Figure]:
    """Accept by the API, with a broker that takes the wake-ups and no worker that would take time."""
    count = 3_000 // (QUICK_PART if quick else 1)
    with field.sink() as sink, installed(field, POSTGRESQL, sink) as product:
        for how, messages, goal in (("one", count, 400), ("bulk", count * 10, 3_000)):
            seconds = product.run_program("product_accept", how, str(messages))
            words = "one by one" if how == "one" else "in bulk"
            yield at_least(f"accepting {words}, PostgreSQL", messages / seconds, "mails/s", goal)


def claim(field: Field, *, quick: bool) -> Iterator[Figure]:
    backlog = 1_000_000 // (QUICK_PART if quick else 1)
    with field.sink() as sink, installed(field, POSTGRESQL, sink) as product:
        found = product.run_program("product_claim", str(backlog), seconds=1800)
    what = f"claiming 100 from a backlog of {backlog:,}, PostgreSQL"
    yield Figure(f"{what}, p50", found["p50"], "ms")
    yield at_most(f"{what}, p95", found["p95"], "ms", 20)


def latency(field: Field, *, quick: bool) -> Iterator[Figure]:
    """From the call of `send` until the delivery is seen as SENT, one at a time, with worker, beat and broker idle."""
    yield from _one_at_a_time(
        "product_latency", "accept to SENT on an idle system, PostgreSQL", field, 300, quick=quick
    )


def neighbours(field: Field, *, quick: bool) -> Iterator[Figure]:
    """The same way of one mail, while the servers of twelve other tenants hang, two in each phase."""
    what = "accept to SENT beside twelve hanging servers"
    yield from _one_at_a_time("product_neighbours", what, field, 3_000, quick=quick)


def _one_at_a_time(program: str, what: str, field: Field, most_ms: float, *, quick: bool) -> Iterator[Figure]:
    count = 200 // (QUICK_PART if quick else 1)
    with (
        field.sink() as sink,
        installed(field, POSTGRESQL, sink) as product,
        product.workers(1),
        product.beat(),
    ):
        percentiles = product.run_program(program, str(count))
    yield Figure(f"{what}, p50", percentiles["p50"], "ms")
    yield at_most(f"{what}, p95", percentiles["p95"], "ms", most_ms)


def memory(field: Field, *, quick: bool) -> Iterator[Figure]:
    """The worker's resident memory at an early and at a late mail of one long run."""
    late = 100_000 // (QUICK_PART if quick else 1)
    with (
        field.sink() as sink,
        installed(field, POSTGRESQL, sink) as product,
        product.workers(1) as (worker,),
        product.waker() as wake,
    ):
        product.accept(late)
        wake()
        early_mb = _memory_at(EARLY_MAIL, sink, worker)
        late_mb = _memory_at(late, sink, worker)
    yield Figure(f"memory of a worker at mail {EARLY_MAIL:,}", early_mb, "MB")
    yield Figure(f"memory of a worker at mail {late:,}", late_mb, "MB")
    yield at_most("the difference", abs(late_mb - early_mb), "MB", 10)


def _memory_at(mail: int, sink: Sink, worker: Process) -> float:
    wait_until(
        lambda: sink.count >= mail,
        patience_seconds(mail),
        lambda: f"only {sink.count} of {mail} mails arrived",
        pause_seconds=POLL_SECONDS,
    )
    return resident_mb([worker.pid])
