"""The people who look after the product in the chaos: `… chaos_people FOLDER`.

Until the file `over` is in the folder, they look every second: a server that is paused is checked and released. Once
the file `decide` is there, what waits for a person's decision is sent again.
"""

import sys
import time
from pathlib import Path

import django

from benchmarks.programs import take_part

LOOK_SECONDS = 1


def look_after(folder: Path) -> dict[str, int]:
    """Return how many servers were released and how many mails were decided on."""
    from django.db import DatabaseError, connection

    done = {"released": 0, "decided": 0}
    while not (folder / "over").exists():
        try:
            done["released"] += release()
            done["decided"] += decide() if (folder / "decide").exists() else 0
        except DatabaseError:
            connection.close()
        time.sleep(LOOK_SECONDS)
    return done


def release() -> int:
    from smtp_settings.choices import State
    from smtp_settings.models import SmtpServer

    return SmtpServer.objects.filter(state=State.PAUSED).update(state=State.VERIFIED, pause_reason="")


def decide() -> int:
    """Press "Send again" on what has no next try of its own."""
    from delivery.models import Delivery

    waiting = Delivery.objects.filter(status__in=[Delivery.Status.UNCERTAIN, Delivery.Status.HELD], due_at=None)
    return sum(delivery.retry() for delivery in waiting)


def main() -> None:
    django.setup()
    take_part(lambda: look_after(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
