"""Give the product five servers that are one unruly one, and keys: `… chaos_prepare PORT TLS_PORT PEOPLE`.

The platform's, and those of four white-labels with an application each; so one server's pause is not everybody's. Finds
the secrets of four keys, one for each application.
"""

import sys
from typing import Any

import django

from benchmarks.programs import rows, take_part

TENANTS = ("Acme", "Globex", "Initech", "Umbrella")


def prepare(port: int, tls_port: int, people: int) -> list[str]:
    from people.models import User

    rows.platform_server(**values("platform", port, secured=False))
    for number, name in enumerate(TENANTS):
        secured = number % 2 == 0
        own = values(name.lower(), tls_port if secured else port, secured=secured)
        rows.application(f"{name} shop", name, f"{name.lower()}@people.test", own)
    User.objects.bulk_create(User(email=f"person{number}@people.test", password="!") for number in range(people))
    return [rows.key(f"{name} shop") for name in TENANTS]


def values(tenant: str, port: int, *, secured: bool) -> dict[str, Any]:
    return {
        "host": "localhost",
        "port": port,
        "security": "STARTTLS" if secured else "NONE",
        "auth": "PASSWORD" if secured else "NONE",
        "username": "user" if secured else "",
        "secret": "secret" if secured else "",
        "sender_address": f"no-reply@{tenant}.test",
    }


def main() -> None:
    port, tls_port, people = (int(number) for number in sys.argv[1:])
    django.setup()
    take_part(lambda: prepare(port, tls_port, people))


if __name__ == "__main__":
    main()
