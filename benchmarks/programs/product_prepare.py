"""Give the product a platform server and an application: `… product_prepare PORT [--starttls] [--connections N]`.

The application belongs to a white-label and its owner is an admin of it, so that every mail takes the longest way
through the routing: the white-label uses the platform's SMTP.
"""

import argparse
from typing import Any

import django

from benchmarks.programs import rows, take_part


def prepare(port: int, *, starttls: bool, connections: int) -> None:
    limits: dict[str, Any] = {"max_connections": connections} if connections else {}
    rows.platform_server(
        host="127.0.0.1",
        port=port,
        security="STARTTLS" if starttls else "NONE",
        auth="NONE",
        sender_name="Shop",
        sender_address="no-reply@platform.test",
        **limits,
    )
    rows.shop()


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
