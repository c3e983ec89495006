"""Sign-ins, failed ones among them, and changes of passwords and factors, for the audit log."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, user_logged_in, user_logged_out
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from backoffice.audit.middleware import record
from people.models import User

ACTS: dict[Signal, str] = {
    user_logged_in: "sign_in",
    user_logged_out: "sign_out",
    password_changed: "password.change",
    password_reset: "password.set_by_link",
    authenticator_added: "factor.add",
    authenticator_removed: "factor.remove",
}
FAILED = "sign_in.fail"


def follow() -> None:
    """Begin to record."""
    for signal in ACTS:
        signal.connect(_record, dispatch_uid="audit")
    user_login_failed.connect(_record_failure, dispatch_uid="audit")


def _record(signal: Signal, request: HttpRequest | None = None, user: User | None = None, **_: Any) -> None:
    record(request, ACTS[signal], person=user)


def _record_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Name the account only where there is one: what was typed may be a password."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    person = User.objects.filter(email__iexact=typed).first()
    record(request, FAILED, person=person)
