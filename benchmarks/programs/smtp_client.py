"""Send N messages to an SMTP server over kept connections, as an application does with smtplib.

    python -m benchmarks.programs.smtp_client PORT N CONNECTIONS [--authority FILE --user NAME]

With an authority it is STARTTLS and AUTH PLAIN; the password is in the environment, as SECRET. Finds the seconds that
it took, without the sign-in, and the percentiles of one message.
"""

import argparse
import os
import smtplib
import ssl
from functools import cache

from benchmarks import sample
from benchmarks.programs import take_part
from benchmarks.programs.bare_smtplib import ready_bytes
from benchmarks.programs.crowd import shared_out


def connected(port: int, authority: str, user: str) -> smtplib.SMTP:
    connection = smtplib.SMTP("localhost", port, timeout=60)
    if authority:
        connection.starttls(context=context(authority))
        connection.ehlo()
        connection.user, connection.password = user, os.environ["SECRET"]
        connection.auth("PLAIN", connection.auth_plain)
    return connection


@cache
def context(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("--authority", default="")
    parser.add_argument("--user", default="")
    given = parser.parse_args()
    content = ready_bytes()
    connections = [connected(given.port, given.authority, given.user) for _ in range(given.connections)]

    def send(connection: smtplib.SMTP, number: int) -> None:
        connection.sendmail(sample.SENDER, [sample.recipient(number)], content)

    take_part(lambda: shared_out(connections, given.count, send))


if __name__ == "__main__":
    main()
