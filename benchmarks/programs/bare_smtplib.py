"""Send N ready messages with smtplib over one connection, with no database: the limit to look up to.

python -m benchmarks.programs.bare_smtplib PORT N
"""

import smtplib
import sys
from email.message import EmailMessage
from email.policy import SMTP

from benchmarks import sample
from benchmarks.programs import take_part


def ready_bytes() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"], message["From"], message["To"] = sample.SUBJECT, sample.SENDER, sample.recipient(0)
    message.set_content(sample.TEXT)
    message.add_alternative(sample.HTML, subtype="html")
    return message.as_bytes()


def send(port: int, recipients: list[str], content: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for recipient in recipients:
            connection.sendmail(sample.SENDER, [recipient], content)


def main() -> None:
    _, port, count = sys.argv
    content = ready_bytes()
    take_part(lambda: send(int(port), sample.recipients(int(count)), content))


if __name__ == "__main__":
    main()
