"""What `bin/dev` is doing, with the seconds since the command was typed, in the form of `bin/set_up.py`."""

import os
import time

STARTED = float(os.environ.get("COMMAND_STARTED") or time.time())


def elapsed_seconds() -> float:
    return time.time() - STARTED


def say(text: str) -> None:
    print(f"{elapsed_seconds():4.0f} s  {text}", flush=True)
