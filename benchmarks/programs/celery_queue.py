"""Queue a task for each of N mails: `python -m benchmarks.programs.celery_queue N`."""

import sys

from benchmarks import sample
from benchmarks.programs import take_part
from benchmarks.programs.celery_app import send


def queue(recipients: list[str]) -> None:
    for recipient in recipients:
        send.delay(sample.SUBJECT, sample.TEXT, sample.HTML, recipient)


def main() -> None:
    take_part(lambda: queue(sample.recipients(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
