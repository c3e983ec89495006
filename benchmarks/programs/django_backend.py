"""Send N mails with Django's SMTP backend: `python -m benchmarks.programs.django_backend one|each N`."""

import sys

import django
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail

from benchmarks import sample
from benchmarks.programs import take_part


def over_one_connection(recipients: list[str]) -> None:
    with get_connection() as connection:
        for recipient in recipients:
            message = EmailMultiAlternatives(
                sample.SUBJECT, sample.TEXT, sample.SENDER, [recipient], connection=connection
            )
            message.attach_alternative(sample.HTML, "text/html")
            message.send()


def over_a_connection_each(recipients: list[str]) -> None:
    for recipient in recipients:
        send_mail(sample.SUBJECT, sample.TEXT, sample.SENDER, [recipient], html_message=sample.HTML)


def main() -> None:
    django.setup()
    _, how, count = sys.argv
    send = {"one": over_one_connection, "each": over_a_connection_each}[how]
    take_part(lambda: send(sample.recipients(int(count))))


if __name__ == "__main__":
    main()
