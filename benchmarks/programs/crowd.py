"""Several connections at once that share out what is to be done: each takes the next as soon as it is free."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from typing import TypeVar

Connection = TypeVar("Connection")


def shared_out(
    connections: Sequence[Connection], count: int, act: Callable[[Connection, int], None], pause_seconds: float = 0
) -> dict[str, float]:
    """Do `act` with each number below `count`; return when it began, by the clock of all processes, and its length.

    The percentiles are those of one act, in milliseconds. A connection rests for `pause_seconds` before each.
    """
    numbers, lock, milliseconds = itertools.count(), threading.Lock(), list[float]()

    def work(connection: Connection) -> None:
        while True:
            with lock:
                number = next(numbers)
            if number >= count:
                return
            if pause_seconds:
                time.sleep(pause_seconds)
            started = time.perf_counter()
            act(connection, number)
            milliseconds.append((time.perf_counter() - started) * 1000)

    began = time.monotonic()
    with ThreadPoolExecutor(len(connections)) as threads:
        for done in [threads.submit(work, connection) for connection in connections]:
            done.result()
    seconds = time.monotonic() - began
    percentiles = quantiles(milliseconds, n=20) if len(milliseconds) > 1 else milliseconds * 19
    return {"began": began, "seconds": seconds, "p50": percentiles[9], "p95": percentiles[18]}
