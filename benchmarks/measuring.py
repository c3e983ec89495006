"""Put a contestant under the clock, and check at the sink that it did what it says."""

import time
from collections.abc import Callable, Collection

from benchmarks.field import Run
from benchmarks.processes import Failed, wait_until
from benchmarks.sinks import Sink
from benchmarks.usage import Meter

SLOWEST_PER_SECOND = 20  # whoever is slower is taken for stuck
LEAST_PATIENCE_SECONDS = 60
COUNT_SECONDS = 10


def patience_seconds(messages: int) -> float:
    return max(LEAST_PATIENCE_SECONDS, messages / SLOWEST_PER_SECOND)


def measure(pids: Collection[int], work: Callable[[], object], sink: Sink, messages: int) -> Run:
    """Run `work`, measure `pids` meanwhile, and compare what was sent with what the sink has counted."""
    with Meter(pids) as meter:
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started

    def miscounted() -> str:
        return f"{messages} messages were to be sent, and {sink.name} counted {sink.count}"

    wait_until(lambda: sink.count >= messages, COUNT_SECONDS, miscounted)
    if sink.count != messages:
        raise Failed(miscounted())
    return Run(messages, seconds, meter.cpu_seconds, meter.peak_rss_mb)
