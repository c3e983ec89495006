"""Sign-ins, failed ones among them, and changes of passwords and factors, for the audit log."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in, user_logged_out
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from backoffice.audit.concern import only_one_of
from backoffice.audit.middleware import address_of, record
from gateway.networks import household_of
from people.audit_repeated import worth_an_entry
from people.models import User

ACTS: dict[Signal, str] = {
    user_logged_in: "sign_in",
    user_logged_out: "sign_out",
    password_changed: "password.change",
    password_reset: "password.set_by_link",
    password_set: "password.set",
    authenticator_added: "factor.add",
    authenticator_removed: "factor.remove",
    authenticator_reset: "factor.renew",
}
FAILED, FAILED_FACTOR = "sign_in.fail", "factor.fail"


def follow() -> None:
    """Begin to record."""
    for signal in ACTS:
        signal.connect(_record, dispatch_uid="audit")
    user_login_failed.connect(_record_failure, dispatch_uid="audit")
    authentication_failed.connect(_record_failed_factor, dispatch_uid="audit")


def _record(signal: Signal, request: HttpRequest | None = None, user: User | None = None, **_: Any) -> None:
    record(request, ACTS[signal], person=user, concerns=_concerns(user))


def _record_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Name the account only where there is one: what was typed may be a password."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    _record_repeated(FAILED, request, User.objects.filter(email__iexact=typed).first())


def _record_failed_factor(request: HttpRequest, user: User, **_: Any) -> None:
    _record_repeated(FAILED_FACTOR, request, user)


def _record_repeated(act: str, request: HttpRequest | None, person: User | None) -> None:
    """Record what failed, but not each time: whoever fails does so as often as they like."""
    place = household_of(address_of(request)) if request else ""
    worth, number = worth_an_entry(act, person.pk if person else "nobody", place)
    if worth:
        record(request, act, person=person, concerns=_concerns(person), detail=number)


def _concerns(person: User | None) -> set[int]:
    white_label = only_one_of(person)
    return {white_label} if white_label else set()
