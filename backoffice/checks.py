"""What `manage.py check` knows of this product's own dangers, most of them with `--deploy`."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Doubt
from django.urls import get_resolver

from backoffice.environment import broker_is_open
from people.access import undeclared
from smtp_settings.network.resolver import DNS_PORT

EVERYTHING = 8  # a network with a shorter prefix than this holds a good part of the internet
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@register(Tags.urls)
def check_pages(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{address} does not say who may have it, so nobody may.",
            hint="Declare it where the page is registered: get= and post= in a console, AUDIENCES elsewhere.",
            id="backoffice.E020",
        )
        for address in undeclared(get_resolver().url_patterns)
    ]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    return [*_networks(), *_site(), *_people(), *_servers()]


def _networks() -> Iterator[CheckMessage]:
    for network in settings.SMTP_ALLOWED_CIDRS:
        if network.prefixlen < EVERYTHING:
            yield Error(
                f"SMTP_ALLOWED_CIDRS holds {network}: white-labels could reach nearly every address with it.",
                hint="Name only the networks that your SMTP servers are in.",
                id="backoffice.E001",
            )
        elif any(network.version == loopback.version and network.overlaps(loopback) for loopback in LOOPBACK):
            yield Error(
                f"SMTP_ALLOWED_CIDRS holds {network}: white-labels could reach the services of this machine with it.",
                hint="Remove it; it is meant for development.",
                id="backoffice.E002",
            )


def _site() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("DEBUG is on: error pages show the inside to everybody.", hint="Unset it.", id="backoffice.E003")
    if not settings.SITE_URL.startswith("https://"):
        yield Error(
            "SITE_URL does not begin with https://: passwords and cookies travel in the open.",
            hint="Set it to the address that people type, such as https://backoffice.example.com.",
            id="backoffice.E004",
        )
    if settings.API_URL and not settings.API_URL.startswith("https://"):
        yield Error(
            "API_URL does not begin with https://: the keys of applications travel in the open.",
            hint="Set it to an address such as https://backoffice.example.com/api.",
            id="backoffice.E008",
        )
    if settings.SUBMISSION_HOST and not settings.SUBMISSION_CERTIFICATE:
        yield Doubt(
            "SUBMISSION_HOST names a door for SMTP submission, and SUBMISSION_CERTIFICATE no certificate for it.",
            hint="Set it to a file in PEM form where manage.py smtp_submission runs; elsewhere ignore this.",
            id="backoffice.W003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS holds *: anybody can have the console answer under a name of theirs.",
            hint="List the host names that people type.",
            id="backoffice.E007",
        )


def _people() -> Iterator[CheckMessage]:
    if not settings.OWNER_SECOND_FACTOR:
        yield Error(
            "OWNER_SECOND_FACTOR is off: whoever learns an owner's password owns every white-label.",
            hint="Unset it.",
            id="backoffice.E005",
        )


def _servers() -> Iterator[CheckMessage]:
    if broker_is_open(settings.REDIS_URL):
        yield Error(
            "REDIS_URL names a broker that is not on this machine and has no password.",
            hint="Give Redis a password (requirepass) and put it into REDIS_URL.",
            id="backoffice.E006",
        )
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        yield Doubt(
            "The database is SQLite: one process writes at a time, and nothing is kept but on this disk.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="backoffice.W001",
        )
    if settings.DNS_AUTHORITY_PORT != DNS_PORT:
        yield Doubt(
            f"DNS_AUTHORITY_PORT is {settings.DNS_AUTHORITY_PORT}: the name servers of sending domains answer on 53.",
            hint="Unset it; it is meant for tests.",
            id="backoffice.W002",
        )
