"""Send N mails one at a time while other tenants' servers hang: `python -m benchmarks.programs.product_neighbours N`.

In each phase hang the servers of two tenants, all with mail waiting. Finds the median and the 95th percentile in
milliseconds, from the call of `send` until a mail is seen as SENT.
"""

import sys
from typing import TYPE_CHECKING

import django

from benchmarks import sample
from benchmarks.programs import take_part
from benchmarks.programs.product_latency import latencies
from testing.smtp import LoopbackSmtpServer

if TYPE_CHECKING:
    from whitelabel.models import Application

PHASES = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "FINAL_DOT")
TENANTS_PER_PHASE = 2
WAITING_MAILS = 20


def hang(phase: str, number: int) -> None:
    """Give a white-label a server that hangs in `phase`, and mail for it."""
    from delivery.api import send_bulk

    server = LoopbackSmtpServer(security="NONE", mechanisms=())
    server.script(phase, "hang")
    application = tenant(f"{phase} {number}", server.port)
    send_bulk(application, to=sample.recipients(WAITING_MAILS), subject=sample.SUBJECT, text=sample.TEXT)


def tenant(name: str, port: int) -> "Application":
    from people.models import User
    from smtp_settings.choices import Auth, Policy, Security, State
    from smtp_settings.models import SmtpServer
    from whitelabel.models import Application, WhiteLabel

    server = SmtpServer.objects.create(
        policy=Policy.PLATFORM,  # the only one that may be in clear
        scope_key=name,
        host="127.0.0.1",
        port=port,
        security=Security.NONE,
        auth=Auth.NONE,
        sender_address="no-reply@tenant.test",
        state=State.VERIFIED,
    )
    owner = User.objects.create_user(f"{port}@people.test", "a password that nobody types")
    white_label = WhiteLabel.objects.create(
        name=name, brand_name=name, server=server, mail_option=WhiteLabel.MailOption.OWN
    )
    white_label.admins.set([owner])
    return Application.objects.create(name=name, owner=owner, white_label=white_label)


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
