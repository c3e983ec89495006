"""Interleaved rounds: in each, everybody runs once, so that a slow minute of the machine hits all alike."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Runs = Mapping[str, list[float]]


@dataclass(frozen=True)
class Rounds:
    """`count` rounds; `of` is a share of the usual amount of messages, 1 for all."""

    count: int
    share: float = 1

    def amount(self, usual: int) -> int:
        return max(1, round(usual * self.share))

    def run(self, contestants: Mapping[str, Callable[[], float]]) -> Runs:
        """Return what each came to in each round."""
        runs: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(1, self.count + 1):
            for name, measure in contestants.items():
                runs[name].append(measure())
                print(f"round {number} of {self.count}: {name}: {runs[name][-1]:,.1f}", file=sys.stderr, flush=True)
        return runs


def medians(runs: Runs) -> dict[str, float]:
    return {name: median(those) for name, those in runs.items()}
