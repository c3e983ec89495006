"""What `manage.py check` knows of this product's own dangers, most of them with `--deploy`."""

import ipaddress
import ssl
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Doubt
from django.urls import get_resolver

from backoffice.environment import broker_is_open, is_loopback
from people.access import undeclared
from smtp_settings.choices import Auth, Security
from smtp_settings.network.resolver import DNS_PORT

EVERYTHING = 8  # a network with a shorter prefix than this holds a good part of the internet
DIFFERENT_BYTES = 12  # of 32 that are random; fewer come once in 10^20
ENCRYPTED_MODES = ("require", "verify-ca", "verify-full")  # the others take what is offered (libpq, sslmode)
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
    return [*_networks(), *_site(), *_people(), *_keys(), *_servers(), *_mail(), *_files(), *_on_the_wire()]


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

    for network in settings.SUBMISSION_PROXY_FROM:
        if network.prefixlen < EVERYTHING:
            yield Error(
                f"SUBMISSION_PROXY_FROM holds {network}: nearly everybody could claim any address in a PROXY header.",
                hint="Name only the addresses of your balancers.",
                id="backoffice.E009",
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
    if settings.SITE_URL.startswith("https://") and not getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        yield Doubt(
            "SITE_URL begins with https:// and BEHIND_PROXY is off: whoever does TLS is not believed, so that pages "
            "lead to themselves without end, and all visitors seem to come from one address.",
            hint="Set BEHIND_PROXY=true where a proxy in front sets X-Forwarded-Proto and X-Forwarded-For.",
            id="backoffice.W004",
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


def _keys() -> Iterator[CheckMessage]:
    if any(len(set(key)) < DIFFERENT_BYTES for key in settings.SECRETS_KEYS):
        yield Error(
            "SECRETS_KEYS holds a key that was not made at random: stored passwords can be opened by guessing it.",
            hint="Make one with: python -m backoffice.new_secrets_key",
            id="backoffice.E010",
        )


def _mail() -> Iterator[CheckMessage]:
    default = settings.DEFAULT_SMTP
    if default["security"] == Security.NONE and not is_loopback(str(default["host"])):
        if default["auth"] != Auth.NONE:
            yield Error(
                f"EMAIL_URL sends its password to {default['host']} in the open.",
                hint="Begin it with smtp+tls:// (STARTTLS) or smtps:// (implicit TLS).",
                id="backoffice.E011",
            )
        else:
            yield Doubt(
                f"EMAIL_URL sends mail to {default['host']} in the open; links that reset a password are among it.",
                hint="Begin it with smtp+tls:// or smtps://, unless the server is in your own network.",
                id="backoffice.W005",
            )
    if settings.SMTP_ALLOW_PORT_25:
        yield Doubt(
            "SMTP_ALLOW_PORT_25 is on: white-labels can have this installation talk to any mail server of the world.",
            hint="Unset it; providers take mail on port 587 or 465.",
            id="backoffice.W006",
        )
    yield from _authority(settings.SMTP_CA_FILE)


def _authority(file: str) -> Iterator[CheckMessage]:
    if not file:
        return
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError):
        yield Error(
            "SMTP_CA_FILE holds no certificates: no server is trusted, and no mail leaves.",
            hint="Name a file in PEM form, or unset it.",
            id="backoffice.E012",
        )
        return
    if Path(file).stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Error(
            "SMTP_CA_FILE can be written by others: who does can read every password that is sent to a mail server.",
            hint="Let its owner alone write it: chmod 644.",
            id="backoffice.E013",
        )


def _files() -> Iterator[CheckMessage]:
    if settings.VAR_DIR.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Doubt(
            f"VAR_DIR ({settings.VAR_DIR}) can be entered by others: what was made there before may be read by them.",
            hint="Let its owner alone enter it: chmod 700.",
            id="backoffice.W008",
        )


def _on_the_wire() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    host, mode = database.get("HOST") or "", database.get("OPTIONS", {}).get("sslmode", "prefer")
    if host and not host.startswith("/") and not is_loopback(host) and mode not in ENCRYPTED_MODES:
        yield Error(
            f"DATABASE_URL leads to {host} without TLS: everything that is stored travels in the open.",
            hint="Add ?sslmode=verify-full (or require) to it.",
            id="backoffice.E014",
        )
    url = urlsplit(settings.REDIS_URL)
    if url.scheme == "redis" and not is_loopback(url.hostname or "localhost"):
        yield Doubt(
            "REDIS_URL leads to another machine without TLS: whoever listens learns its password, and who has it runs "
            "tasks.",
            hint="Begin it with rediss://.",
            id="backoffice.W007",
        )


def _servers() -> Iterator[CheckMessage]:
    if broker_is_open(settings.REDIS_URL):
        yield Error(
            "REDIS_URL names a broker that is not on this machine and has no password.",
            hint="Give Redis a password (requirepass) and put it into REDIS_URL.",
            id="backoffice.E006",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith(".sqlite3"):
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
