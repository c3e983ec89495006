"""Where a server has a limit, or goes away: what that costs anyway, and what the product adds."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.interop.counting import Balance
from benchmarks.interop.scenarios.bench import Bench, Outcome

MOST_WASTED, FEW_WASTED = 0.02, 8  # tries, as part of the messages; each connection may end with one, and some probe
AWAY_SECONDS = 4
PER_MINUTE = 300


def one_connection(bench: Bench) -> Outcome:
    """The server takes one connection at a time; that costs what a single connection needs."""
    bench.use(max_connections=1)
    alone = bench.deliver(bench.people(bench.messages, "alone"))
    return _within(bench.bulk(), alone.seconds)


def message_rate(bench: Bench) -> Outcome:
    """So many messages a minute and no more; the last of them cannot leave before these minutes are over."""
    full_minutes = (bench.messages - 1) // PER_MINUTE
    return _within(bench.bulk(), full_minutes * 60.0)


def restart(bench: Bench) -> Outcome:
    """The server is stopped amid a bulk and is back after some seconds."""
    usual = bench.bulk()
    found, away = _disturbed(bench, bench.server.stop)
    return _within(found, usual.seconds + away, flagged=True)


def kill(bench: Bench) -> Outcome:
    """The server is killed amid a bulk: nothing is lost, and what may be a second copy is called so."""
    found, _ = _disturbed(bench, bench.server.kill)
    return Outcome(found.sent == found.accepted and not (found.lost or found.unflagged), str(found))


def _disturbed(bench: Bench, end: Callable[[], None]) -> tuple[Balance, float]:
    """Send a bulk; when a third of it has arrived, take the server away. Return how long it was, in seconds, too."""
    arrived = len(bench.server.received)
    with ThreadPoolExecutor(1) as beside:
        away = beside.submit(_away, bench, end, arrived + bench.messages // 3)
        found = bench.bulk()
        return found, away.result()


def _away(bench: Bench, end: Callable[[], None], arrivals: int) -> float:
    bench.patience.wait(lambda: len(bench.server.received) >= arrivals)
    started = time.perf_counter()
    end()
    time.sleep(max(0, AWAY_SECONDS - (time.perf_counter() - started)))
    bench.server.start()
    return time.perf_counter() - started


def _within(found: Balance, costs: float, *, flagged: bool = False) -> Outcome:
    """Each message once, and few tries in vain; where the server went away, copies that are called so are no fault."""
    once = found.sent == found.accepted and not found.lost and not (found.unflagged if flagged else found.doubled)
    sparing = found.wasted <= max(FEW_WASTED, MOST_WASTED * found.accepted)
    ratio = f", {found.seconds / costs:.2f} of the {costs:.1f} s that it costs" if costs else ""
    why = "" if sparing else f" (in vain: {'; '.join(found.in_vain)})"
    return Outcome(once and sparing, f"{found}{ratio}{why}")
