"""Send what is queued with django-post_office's command: `python -m benchmarks.programs.post_office_send PROCESSES`."""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks.programs import take_part


def main() -> None:
    django.setup()
    lockfile = str(Path(os.environ["SCRATCH"]) / "post_office")
    take_part(lambda: call_command("send_queued_mail", processes=int(sys.argv[1]), lockfile=lockfile))


if __name__ == "__main__":
    main()
