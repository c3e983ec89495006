"""What processes cost, read from /proc: CPU seconds, and memory at its peak."""

import os
import re
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.1
RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)
HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def family(pids: Collection[int]) -> Iterator[int]:
    """Give `pids` and all their living descendants."""
    for pid in pids:
        yield pid
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                yield from family([int(child) for child in (task / "children").read_text().split()])


def cpu_seconds(pids: Collection[int]) -> float:
    """Return the CPU time that `pids`, their descendants and those they have waited for have used."""
    return sum(_cpu_ticks(pid) for pid in family(pids)) / TICKS_PER_SECOND


def _cpu_ticks(pid: int) -> int:
    """Return the sum of utime, stime, cutime and cstime (proc(5)); 0 for a process that is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return sum(int(field) for field in stat.rpartition(")")[2].split()[11:15])


def resident_mb(pids: Collection[int], which: re.Pattern[str] = RESIDENT) -> float:
    """Return the memory of `pids` and their descendants together; pages that they share count for each."""
    return sum(_kilobytes(pid, which) for pid in family(pids)) / 1024


def _kilobytes(pid: int, which: re.Pattern[str]) -> int:
    try:
        found = which.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


class Meter:
    """Measures `pids` and their descendants while it is entered."""

    def __init__(self, pids: Collection[int]) -> None:
        self.pids = pids
        self.cpu_seconds = self.peak_rss_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._before = cpu_seconds(self.pids)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_seconds = cpu_seconds(self.pids) - self._before
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.peak_rss_mb = max(self.peak_rss_mb, resident_mb(self.pids, HIGH_WATER))
            if self._over.wait(SAMPLE_SECONDS):
                return
