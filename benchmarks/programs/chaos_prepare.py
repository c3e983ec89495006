"""Give the product five servers that are one unruly one: `… chaos_prepare PORT TLS_PORT PEOPLE`.

The platform's, and those of four white-labels with an application each; so one server's pause is not everybody's.
"""

import sys
from typing import Any

import django

from benchmarks.programs import take_part

TENANTS = ("Acme", "Globex", "Initech", "Umbrella")


def prepare(port: int, tls_port: int, people: int) -> None:
    from people.models import User
    from smtp_settings.models import Communication
    from whitelabel.models import Application, WhiteLabel

    communication = Communication.current()
    communication.server, communication.custom_smtp = make_server("platform", port, secured=False), True
    communication.save()
    for number, name in enumerate(TENANTS):
        owner = User.objects.create_user(f"{name.lower()}@people.test", "a password that nobody types")
        secured = number % 2 == 0
        server = make_server(name.lower(), tls_port if secured else port, secured=secured)
        white_label = WhiteLabel.objects.create(
            name=name, brand_name=name, server=server, mail_option=WhiteLabel.MailOption.OWN
        )
        white_label.admins.set([owner])
        Application.objects.create(name=f"{name} shop", owner=owner, white_label=white_label)
    User.objects.bulk_create(User(email=f"person{number}@people.test", password="!") for number in range(people))


def make_server(scope_key: str, port: int, *, secured: bool) -> Any:
    """Make a verified server; all are the platform's by policy, because only that one may have any port."""
    from smtp_settings.choices import Auth, Policy, Security, State
    from smtp_settings.models import SmtpServer

    server = SmtpServer(
        policy=Policy.PLATFORM,
        scope_key=scope_key,
        host="localhost",
        port=port,
        security=Security.STARTTLS if secured else Security.NONE,
        auth=Auth.PASSWORD if secured else Auth.NONE,
        username="user" if secured else "",
        sender_address=f"no-reply@{scope_key}.test",
        state=State.VERIFIED,
    )
    server.seal_secret("secret" if secured else "")
    server.save()
    return server


def main() -> None:
    port, tls_port, people = (int(number) for number in sys.argv[1:])
    django.setup()
    take_part(lambda: prepare(port, tls_port, people))


if __name__ == "__main__":
    main()
