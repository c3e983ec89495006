"""Send N mails one at a time while other tenants' servers hang: `python -m benchmarks.programs.product_neighbours N`.

In each phase hang the servers of two tenants, all with mail waiting. Finds the median and the 95th percentile in
milliseconds, from the call of `send` until a mail is seen as SENT.
"""

import sys

import django

from benchmarks import sample
from benchmarks.programs import rows, take_part
from benchmarks.programs.product_latency import latencies
from testing.servers.smtp import LoopbackSmtpServer

PHASES = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "FINAL_DOT")
TENANTS_PER_PHASE = 2
WAITING_MAILS = 20


def hang(phase: str, number: int) -> None:
    """Give a white-label a server that hangs in `phase`, and mail for it."""
    from delivery.api import send_bulk

    server = LoopbackSmtpServer(security="NONE", mechanisms=())
    server.script(phase, "hang")
    name = f"{phase} {number}"
    own = {"host": "127.0.0.1", "port": server.port, "security": "NONE", "auth": "NONE"}
    own["sender_address"] = "no-reply@tenant.test"
    application = rows.application(name, name, f"{server.port}@people.test", own)
    send_bulk(application, to=sample.recipients(WAITING_MAILS), subject=sample.SUBJECT, text=sample.TEXT)


def beside_hanging(count: int) -> dict[str, float]:
    latencies(sample.recipients(2))  # the healthy server has proven itself
    for phase in PHASES:
        for number in range(TENANTS_PER_PHASE):
            hang(phase, number)
    return latencies(sample.recipients(count))


def main() -> None:
    django.setup()
    take_part(lambda: beside_hanging(int(sys.argv[1])))


if __name__ == "__main__":
    main()
