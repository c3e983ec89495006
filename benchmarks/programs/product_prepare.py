"""Give the product a platform server and an application: `… product_prepare PORT [--starttls] [--connections N]`.

The application belongs to a white-label and its owner is an admin of it, so that every mail takes the longest way
through the routing: the white-label uses the platform's SMTP.
"""

import argparse
from typing import Any

import django

from benchmarks.programs import take_part


def prepare(port: int, *, starttls: bool, connections: int) -> None:
    from people.models import User
    from smtp_settings.choices import Auth, Policy, Security, State
    from smtp_settings.models import Communication, SmtpServer
    from whitelabel.models import Application, WhiteLabel

    fields: dict[str, Any] = {"max_connections": connections} if connections else {}
    server = SmtpServer.objects.create(
        policy=Policy.PLATFORM,
        scope_key="platform",
        host="127.0.0.1",
        port=port,
        security=Security.STARTTLS if starttls else Security.NONE,
        auth=Auth.NONE,
        sender_name="Shop",
        sender_address="no-reply@platform.test",
        state=State.VERIFIED,
        **fields,
    )
    communication = Communication.current()
    communication.server, communication.custom_smtp = server, True
    communication.save()
    owner = User.objects.create_user("alice@acme.test", "a password that nobody types")
    white_label = WhiteLabel.objects.create(name="Acme", brand_name="Acme Apps")
    white_label.admins.set([owner])
    Application.objects.create(name="Shop", owner=owner, white_label=white_label)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--connections", type=int, default=0)
    given = parser.parse_args()
    django.setup()
    take_part(lambda: prepare(given.port, starttls=given.starttls, connections=given.connections))


if __name__ == "__main__":
    main()
