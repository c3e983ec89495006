"""Spans of the time from accepted to sent, and what can be read of a distribution over them."""

from collections.abc import Mapping

# Seconds at which the next span begins. The last has no end.
BOUNDS = (0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the seconds within which `share` of what is counted was sent, as if even within a span; None for nothing.

    Of what lies in the last span it says the beginning.
    """
    wanted = share * sum(counts.values())
    if not wanted:
        return None
    for span in sorted(counts):
        if wanted <= counts[span]:
            return _within(span, wanted / counts[span])
        wanted -= counts[span]
    return float(BOUNDS[-1])


def _within(span: int, share: float) -> float:
    begin = BOUNDS[span - 1] if span else 0
    end = BOUNDS[min(span, len(BOUNDS) - 1)]
    return begin + (end - begin) * share


def number_sql(seconds: str) -> str:
    """Return SQL for the number of the span that `seconds`, itself SQL, lie in."""
    cases = " ".join(f"WHEN {seconds} < {bound} THEN {span}" for span, bound in enumerate(BOUNDS))
    return f"CASE {cases} ELSE {len(BOUNDS)} END"
