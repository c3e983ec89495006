"""Read settings from the environment; a wrong value stops the start with one sentence and exit code 2."""

import base64
import binascii
import ipaddress
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

import dj_database_url
import environ
from django.core.exceptions import ImproperlyConfigured

from smtp_settings import host_name
from smtp_settings.network.resolver import name_server

EXIT_CODE = 2
ONLY_ITS_OWNER = 0o077  # what no file that is made lets others do
USUAL_PORTS = {"http": 80, "https": 443}
BROKER_SCHEMES = ("redis", "rediss", "unix")
SECRET_KEY_CHARS, SECRET_KEY_DIFFERENT_CHARS = 50, 12
NO_SECRETS = ("insecure", "changeme", "changethis", "replaceme", "example", "secretkey", "placeholder")

values = environ.FileAwareEnv.ENVIRON  # read as they are: a secret may begin with $


def stop(sentence: str) -> NoReturn:
    print(f"Cannot start: {sentence}", file=sys.stderr)
    raise SystemExit(EXIT_CODE)


def text(name: str, default: str = "") -> str:
    """Return NAME, or the content of the file that NAME_FILE points at, stripped; empty is like absent."""
    try:
        return str(values.get(name, "")).strip() or default
    except OSError as error:
        stop(f"{name}_FILE points at a file that cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        stop(f"{name}_FILE points at a file that is not UTF-8 text.")


def required(name: str, why: str) -> str:
    return text(name) or stop(f"{name} is not set. {why}")


def secret_key(name: str, *, trusting: bool) -> str:
    """Return NAME; unless `trusting`, one that can be guessed stops the start: it signs sessions and links."""
    key = required(name, f"Set it to {SECRET_KEY_CHARS} random characters or more and keep it secret.")
    plain = "".join(char for char in key.lower() if char.isalnum())
    if trusting:
        return key
    advice = f"Set {name} to the output of: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    if len(key) < SECRET_KEY_CHARS:
        stop(f"{name} is too short to be secret: {len(key)} of {SECRET_KEY_CHARS} characters. {advice}")
    if len(set(key)) < SECRET_KEY_DIFFERENT_CHARS:
        stop(f"{name} repeats few characters, so it can be guessed. {advice}")
    if found := next((word for word in NO_SECRETS if word in plain), ""):
        stop(f"{name} holds “{found}”, so it is an example or a placeholder, which everybody knows. {advice}")
    return key


def boolean(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not value else value in ("1", "true", "yes", "on")
    stop(f"{name} must be true or false, not {value!r}.")


def whole_number(name: str, default: int, minimum: int = 0) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < minimum:
        stop(f"{name} must be a whole number of at least {minimum}, not {value!r}.")
    return int(value)


def port(name: str, default: int) -> int:
    number = whole_number(name, default, minimum=1)
    return number if number <= 65_535 else stop(f"{name} must be a port between 1 and 65535, not {number}.")


def one_of(name: str, default: str, allowed: Sequence[str]) -> str:
    value = text(name, default).upper()
    return value if value in allowed else stop(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")


def private_folder(name: str, default: Path) -> Path:
    """Return the folder NAME, made where it does not exist; what is made from now on is its owner's alone.

    One that was there is left as it is, unless it is the default: it is somebody's to decide who enters it.
    """
    os.umask(ONLY_ITS_OWNER)
    path = Path(text(name, str(default)))
    try:
        path.mkdir(parents=True, exist_ok=True)
        if path == default and path.stat().st_uid == os.geteuid():
            path.chmod(0o700)
    except OSError as error:
        stop(f"{name} must be a folder that can be written to; {path} is not: {error.strerror}.")
    return path


def readable_file(name: str) -> str:
    """Return the path NAME, which must be readable, or ""."""
    path = text(name)
    if path and not os.access(path, os.R_OK):
        stop(f"{name} names a file that cannot be read: {path}.")
    return path


def seconds(name: str, default: str) -> list[int]:
    """Return the comma-separated whole numbers of NAME; at least one."""
    parts = listed(name, default)
    if not parts or not all(part.isascii() and part.isdigit() for part in parts):
        stop(f"{name} must be whole numbers of seconds with commas, such as {default}.")
    return [int(part) for part in parts]


def listed(name: str, default: str = "") -> list[str]:
    """Return the comma-separated parts of NAME."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(part) for part in listed(name)]
    except ValueError as error:
        stop(f"{name} must be a comma-separated list of networks such as 10.1.2.0/24: {error}.")


def name_servers(name: str) -> list[str]:
    """Return the comma-separated DNS servers of NAME as they are written."""
    parts = listed(name)
    for part in parts:
        try:
            name_server(part)
        except ValueError:
            stop(f"{name} must be addresses such as 192.0.2.1 or 192.0.2.1:5353, with commas, not {part!r}.")
    return parts


def database(name: str, default: str) -> dict[str, Any]:
    try:
        return dict(dj_database_url.parse(text(name, default), conn_max_age=60, conn_health_checks=True))
    except (ValueError, ImproperlyConfigured) as error:
        stop(f"{name} is no database address such as postgres://user:password@host/name: {error}")


def broker(name: str, default: str, *, trusting: bool) -> str:
    """Return NAME; unless `trusting`, a broker that others can reach must have a password."""
    address = text(name, default)
    if _scheme(address) not in BROKER_SCHEMES:
        stop(f"{name} must be such as redis://:password@host:6379/0, rediss://… or unix:///path/to/socket?db=0.")
    if not trusting and broker_is_open(address):
        stop(f"{name} names a broker that is not on this machine and has no password; whoever reaches it runs tasks.")
    return address


def celery_broker(address: str) -> str:
    """Return the broker at `address` as Celery names it, which differs for a socket: the same database and sign-in."""
    url = urlsplit(address)
    if url.scheme != "unix":
        return address
    options = dict(parse_qsl(url.query))
    user, password = url.username or options.get("username", ""), url.password or options.get("password", "")
    sign_in = f"{user}:{quote(unquote(password), safe='')}@" if password else ""
    return f"redis+socket://{sign_in}{url.path}?virtual_host={options.get('db', '0')}"


def broker_is_open(address: str) -> bool:
    """Return whether a broker is elsewhere and asks for no password."""
    url = urlsplit(address)
    return url.scheme != "unix" and not url.password and not is_loopback(url.hostname or "localhost")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _scheme(address: str) -> str:
    """Return the scheme of `address`, "" where its host or port make no sense."""
    try:
        url = urlsplit(address)
        return url.scheme if url.port != 0 else ""
    except ValueError:
        return ""


def site_url(name: str, default: str) -> SplitResult:
    """Return NAME split, as browsers write it; it must be an absolute http(s) address without a path."""
    address = text(name, default)
    advice = f"{name} must be an address such as https://backoffice.example.com, without a path."
    if _scheme(address) not in ("http", "https"):
        stop(advice)
    url = urlsplit(address)
    if not url.hostname or url.path.strip("/") or url.query or url.fragment or url.username is not None:
        stop(advice)
    try:
        host = host_name.in_url(url.hostname)
    except ValueError:
        stop(f"{name} names no host that there can be: {url.hostname}.")
    port = "" if url.port in (None, USUAL_PORTS[url.scheme]) else f":{url.port}"
    return url._replace(netloc=host + port, path="")


def api_url(name: str) -> str:
    """Return NAME, without a slash at its end, or ""; its path may lead anywhere."""
    address = text(name).rstrip("/")
    url = urlsplit(address) if _scheme(address) in ("http", "https") else None
    if address and (url is None or not url.hostname or url.query or url.fragment or url.username):
        stop(f"{name} must be an address such as https://backoffice.example.com/api.")
    return address


def issuer(name: str) -> str:
    """Return the address of an OpenID provider as it is written, or ""; with https, unless it is on this machine."""
    address = text(name)
    url = urlsplit(address) if _scheme(address) in USUAL_PORTS else None
    if address and (url is None or not url.hostname or url.query or url.fragment or url.username):
        stop(f"{name} must be an address such as https://login.example.com, as the provider itself writes it.")
    if url and url.scheme != "https" and not is_loopback(url.hostname or ""):
        stop(f"{name} must begin with https://: whoever is in between could sign in as anybody.")
    return address


def key_ring(name: str) -> list[bytes]:
    """Return the keys of NAME, newest first; each is 32 bytes in URL-safe base64."""
    advice = f"{name} needs one or more keys, newest first; make one with: python -m backoffice.new_secrets_key"
    try:
        keys = [base64.urlsafe_b64decode(part) for part in required(name, advice).split(",")]
    except (binascii.Error, ValueError):
        stop(f"{name} holds something that is not URL-safe base64. {advice}")
    if any(len(key) != 32 for key in keys):
        stop(f"Every key in {name} must be 32 bytes long. {advice}")
    return keys
