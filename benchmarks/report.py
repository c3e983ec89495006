"""Show what was found: tables for people, JSON for machines."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.field import Run
from benchmarks.goals import Figures, Key, Verdict

COLUMNS = ("contestant", "database", "processes", "messages/s", "spread", "CPU s per 1,000", "peak RSS, MB")
VERDICT_COLUMNS = ("ratio", "is", "goal", "")


def medians_of(runs: Sequence[Run]) -> Figures:
    return Figures(
        messages_per_second=median(run.messages / run.seconds for run in runs),
        cpu_seconds_per_1000=median(run.cpu_seconds / run.messages * 1000 for run in runs),
        peak_rss_mb=median(run.peak_rss_mb for run in runs),
    )


def spread_of(runs: Sequence[Run]) -> str:
    """Return how far the runs lie apart, as part of their median."""
    speeds = [run.messages / run.seconds for run in runs]
    return f"{(max(speeds) - min(speeds)) / median(speeds):.0%}" if len(speeds) > 1 else ""


def rows_of(runs: Mapping[Key, Sequence[Run]]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for (name, database, processes), those in runs.items():
        figures = medians_of(those)
        numbers = (f"{figures.cpu_seconds_per_1000:.2f}", f"{figures.peak_rss_mb:.0f}")
        speed = f"{figures.messages_per_second:,.0f}"
        rows.append((name, database, str(processes), speed, spread_of(those), *numbers))
    return rows


def verdict_rows(verdicts: Sequence[Verdict]) -> list[Sequence[str]]:
    return [
        (verdict.about, f"{verdict.figure:.2f}", verdict.goal, "met" if verdict.met else "missed")
        for verdict in verdicts
    ]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, padded so that it reads well in a terminal, too."""
    widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]
    lines = [columns, ["-" * width for width in widths], *rows]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in padded)


def as_json(runs: Mapping[Key, Sequence[Run]]) -> list[dict[str, Any]]:
    return [
        {
            "contestant": name,
            "database": database or None,
            "processes": processes,
            "messages_per_second": round(figures.messages_per_second, 1),
            "cpu_seconds_per_1000": round(figures.cpu_seconds_per_1000, 3),
            "peak_rss_mb": round(figures.peak_rss_mb, 1),
        }
        for (name, database, processes), figures in ((key, medians_of(those)) for key, those in runs.items())
    ]


def write_json(path: Path | None, found: object) -> None:
    if path:
        path.write_text(json.dumps(found, indent=2) + "\n")
