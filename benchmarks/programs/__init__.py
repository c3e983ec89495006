"""What runs in a process of its own: says "ready", waits for "go", works, says "done" with what it found."""

import json
import sys
from collections.abc import Callable
from typing import Any


def take_part(work: Callable[[], Any]) -> None:
    """Work once, when told to; then stay until nobody listens any more, so that this process can still be measured."""
    print("ready", flush=True)
    if sys.stdin.readline():
        print("done", json.dumps(work()), flush=True)
        sys.stdin.read()
