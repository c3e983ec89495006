"""Read from the environment the server default, and by which names this installation shows itself in mail."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

from backoffice.environment import stop, text
from smtp_settings import host_name
from smtp_settings.choices import Auth, Security

SCHEMES = {
    "smtp": (Security.NONE, 25),
    "smtp+tls": (Security.STARTTLS, 587),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.IMPLICIT_TLS, 465),
    "smtp+ssl": (Security.IMPLICIT_TLS, 465),
}
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")


def email_url(name: str, default: str) -> dict[str, object]:
    """Return what NAME says of the server default as fields of an `SmtpServer`, and its password."""
    advice = f"{name} must be such as smtp+tls://user:password@smtp.example.com:587"
    encode = "write special characters of user and password percent-encoded, such as %2F for /, %23 for # and %3F for ?"
    try:
        url = urlsplit(text(name, default))
    except ValueError:
        stop(f"{advice}; {encode}.")
    if url.path.strip("/") or url.query or url.fragment:
        stop(f"{advice}, with nothing behind the port; {encode}.")
    if url.scheme not in SCHEMES or not url.hostname:
        stop(f"{advice} (or smtps://, or smtp:// for no encryption).")
    security, usual_port = SCHEMES[url.scheme]
    username, password = _sign_in(url, f"{advice}; {encode}.")
    if bool(username) != bool(password):
        stop(f"{advice}: give both a user and a password, or neither; {encode}.")
    return {
        "host": _host(url.hostname, name),
        "port": usual_port if (port := _port(url, f"{advice}; its port is no number")) is None else port,
        "security": security.value,
        "auth": (Auth.PASSWORD if username else Auth.NONE).value,
        "username": username,
        "password": password,
    }


def _port(url: SplitResult, complaint: str) -> int | None:
    try:
        port = url.port
    except ValueError:
        port = 0
    return stop(f"{complaint} between 1 and 65535.") if port == 0 else port


def _sign_in(url: SplitResult, complaint: str) -> tuple[str, str]:
    """Return username and password without percent signs; what could end a command is refused."""
    try:
        both = tuple(unquote(part or "", errors="strict") for part in (url.username, url.password))
    except UnicodeDecodeError:
        stop(complaint)
    if not all(part.isprintable() for part in both):
        stop(complaint)
    return both[0], both[1]


def _host(host: str, name: str) -> str:
    try:
        return str(host_name.canonical(host))
    except ValueError:
        stop(f"{name} names no host that there can be: {host}.")


def mail_name(name: str, default: str) -> str:
    """Return the host NAME as mail writes it: a name in A-labels, or an address in brackets."""
    host = text(name, default)
    try:
        return host_name.in_mail(host)
    except ValueError:
        stop(f"{name} must be a host name such as mail.example.com or an IP address, not {host!r}.")


def mail_address(name: str, default: str) -> str:
    """Return the address NAME, its domain in A-labels: mail leaves from it, so a display name is not part of it."""
    address = text(name, default)
    local, _, domain = address.rpartition("@")
    try:
        if LOCAL_PART.fullmatch(local):
            return f"{local}@{host_name.in_mail(domain)}"
    except ValueError:
        pass
    return stop(f"{name} must be a plain address such as no-reply@example.com, not {address!r}.")
