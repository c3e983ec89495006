"""Carry over an SMTP server as if somebody had typed it at its page and kept it as a draft: unproven, switched off."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from pydantic_core import from_json

from gateway.siberian.lines import Credentials, PlatformLine, WhiteLabelLine
from smtp_settings import configuring, sealing
from smtp_settings.choices import Auth, Policy, Security
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpServer
from smtp_settings.network import address_policy
from smtp_settings.scope import Scope

SECURITY = {"": Security.NONE, "tls": Security.STARTTLS, "ssl": Security.IMPLICIT_TLS}
AUTH = {"": Auth.NONE, "login": Auth.PASSWORD, "plain": Auth.PASSWORD, "crammd5": Auth.PASSWORD}
TYPED = ("host", "port", "security", "auth", "username", "sender_name", "sender_address")

UNREADABLE = "its smtp_credentials are no JSON object of texts, so that its SMTP server is not known"
NOW_ENCRYPTED = "its SMTP server was used without encryption; here it has STARTTLS, as every white-label's server must"
NOT_CRAM_MD5 = "its SMTP server was signed in to by CRAM-MD5; here it is by PLAIN or LOGIN, whichever the server offers"
NO_SIGN_IN_BEFORE = "its SMTP server has a username, but Siberian did not sign in; here it does"
ANOTHER_HERE = "it has another SMTP server here already, which stays as it is"


class Done(Enum):
    CREATED = "created"
    UNCHANGED = "unchanged"


class NotCarriedOver(Exception):
    """Why a server cannot be carried over, in a sentence without secrets."""


@dataclass
class TypedServer:
    """What somebody would type at the page of the server, and what is to be said about it."""

    values: dict[str, Any] = field(repr=False)
    remarks: list[str]


def credentials_of(line: WhiteLabelLine) -> Credentials:
    """Return what `smtp_credentials` says, nothing where it is empty; raises `NotCarriedOver`."""
    stored = line.smtp_credentials
    try:
        if isinstance(stored, str):
            stored = from_json(stored) if stored.strip() else None
        return Credentials.model_validate(stored or {})  # PHP writes an empty object as []
    except ValueError:  # pydantic's ValidationError is one
        raise NotCarriedOver(UNREADABLE) from None


def platform_sender(line: PlatformLine) -> Credentials:
    """Return the platform's server with its sender, which Siberian keeps as the support's name and address."""
    return line.model_copy(update={"sender_name": line.support_name, "sender_email": line.support_email})


def carry_over(credentials: Credentials, scope: Scope) -> tuple[Done, list[str]]:
    """Store the server as the draft of `scope`, which has none yet; raises `NotCarriedOver`.

    A server that is there already stays as it is: a person may have changed it since.
    """
    typed = as_typed(credentials, scope.policy)
    form = SmtpServerForm(typed.values, scope=replace(scope, server=None, in_use=False), draft=True)
    problems = list(_problems(form))
    if problems:
        raise NotCarriedOver(" ".join(problems))
    remarks = [*typed.remarks, *form.remarks]
    if scope.server:
        if not _is_same(scope.server, form):
            raise NotCarriedOver(ANOTHER_HERE)
        return Done.UNCHANGED, remarks
    configuring.keep_as_draft(scope=scope, candidate=form.instance, secret=form.secret)
    return Done.CREATED, remarks


def as_typed(credentials: Credentials, policy: Policy) -> TypedServer:
    """Return `credentials` in the words of the form; raises `NotCarriedOver`."""
    security = _known(SECURITY, credentials.ssl, "encryption")
    auth = _known(AUTH, credentials.auth, "way to sign in")
    remarks = []
    if policy == Policy.WHITE_LABEL and security == Security.NONE:
        security = Security.STARTTLS
        remarks.append(NOW_ENCRYPTED)
    if credentials.auth.strip().lower() == "crammd5":
        remarks.append(NOT_CRAM_MD5)
    if auth == Auth.NONE and credentials.username:
        auth = Auth.PASSWORD
        remarks.append(NO_SIGN_IN_BEFORE)
    values = {
        "host": credentials.server,
        "port": credentials.port.strip() or _usual_port(credentials),
        "security": security,
        "auth": auth,
        "username": credentials.username,
        "password": credentials.password.get_secret_value(),
        "sender_name": credentials.sender_name,
        "sender_address": credentials.sender_email,
    }
    return TypedServer(values, remarks)


def _known(words: dict[str, Any], stored: str, what: str) -> Any:
    try:
        return words[stored.strip().lower()]
    except KeyError:
        known = ", ".join(filter(None, words))
        raise NotCarriedOver(f"its SMTP server's {what} is not known here: it is none of {known}, or empty") from None


def _usual_port(credentials: Credentials) -> str:
    """Return the port that Zend_Mail_Protocol_Smtp takes where none is given."""
    return "465" if credentials.ssl.strip().lower() == "ssl" else "25"


def _problems(form: SmtpServerForm) -> Iterator[str]:
    if not form.is_valid():
        for name, errors in form.errors.items():
            yield from (f"its SMTP server, {name.replace('_', ' ')}: {error}" for error in errors)
        return
    server = form.instance
    try:
        address_policy.judge(server.host, server.port, server.policy, [])
    except address_policy.Forbidden as refused:
        yield f"its SMTP server, {refused.field}: {refused.sentence}"


def _is_same(stored: SmtpServer, form: SmtpServerForm) -> bool:
    """Return whether `stored` is what was typed, its secret included; what only this product has does not count."""
    if any(getattr(stored, name) != getattr(form.instance, name) for name in TYPED):
        return False
    try:
        return stored.open_secret() == form.secret
    except sealing.CannotOpen:
        return False
