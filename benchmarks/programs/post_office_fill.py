"""Accept N mails with django-post_office: `python -m benchmarks.programs.post_office_fill one|many N`."""

import sys
from typing import Any

import django

from benchmarks import sample
from benchmarks.programs import take_part

CHUNK = 500


def mail_to(recipient: str) -> dict[str, Any]:
    return {
        "recipients": recipient,
        "sender": sample.SENDER,
        "subject": sample.SUBJECT,
        "message": sample.TEXT,
        "html_message": sample.HTML,
    }


def one_by_one(recipients: list[str]) -> None:
    from post_office import mail

    for recipient in recipients:
        mail.send(**mail_to(recipient))


def many(recipients: list[str]) -> None:
    from post_office import mail

    for start in range(0, len(recipients), CHUNK):
        mail.send_many([mail_to(recipient) for recipient in recipients[start : start + CHUNK]])


def main() -> None:
    django.setup()
    _, how, count = sys.argv
    accept = {"one": one_by_one, "many": many}[how]
    take_part(lambda: accept(sample.recipients(int(count))))


if __name__ == "__main__":
    main()
