"""What the commands of the benchmarks share: their options' shape, and how a run ends."""

import argparse
import sys
from collections.abc import Callable, Collection

from benchmarks.processes import Failed, exit_on_signals


def parser(module: str, about: str, notes: str) -> argparse.ArgumentParser:
    """Return the parser of `python -m module`, its texts shown as they are."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=about,
        epilog=notes,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def names_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """Return the type of an option that takes some of the names, with commas between them."""

    def names(text: str) -> list[str]:
        wanted = text.split(",")
        if unknown := [name for name in wanted if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
        return wanted

    return names


def ended(work: Callable[[], int], what: str) -> int:
    """Return the exit code of `work`: its own, 1 with a sentence where it failed, 130 after Ctrl-C."""
    exit_on_signals()
    try:
        return work()
    except Failed as failure:
        print(f"{what} failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
