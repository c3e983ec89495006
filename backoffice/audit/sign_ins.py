"""Sign-ins, failed ones among them, and changes of passwords and factors, for the audit log."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, user_logged_in, user_logged_out
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from backoffice.audit import middleware
from people.models import User

ACTS: dict[Signal, str] = {
    user_logged_in: "sign in",
    user_logged_out: "sign out",
    password_changed: "change the password",
    password_reset: "set the password by a link",
    authenticator_added: "add a second factor",
    authenticator_removed: "remove a second factor",
}


def follow() -> None:
    """Begin to write entries."""
    for signal in ACTS:
        signal.connect(_note, dispatch_uid="audit")
    user_login_failed.connect(_note_failure, dispatch_uid="audit")


def _note(signal: Signal, request: HttpRequest | None = None, user: User | None = None, **_: Any) -> None:
    middleware.note(request, ACTS[signal], person=user, changes=[])


def _note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Name the account only where there is one: what was typed may be a password."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    person = User.objects.filter(email__iexact=typed).first()
    middleware.note(request, "fail to sign in", person=person, changes=[])
