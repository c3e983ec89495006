"""Looks at a white-label's console, for the audit log: when they begin, and when they end, also by themselves."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from backoffice.audit.middleware import PATH_CHARS, address_of
from backoffice.console import look
from people import audit
from people.audit import Change, name_of
from people.models import User
from whitelabel.models import WhiteLabel

BEGIN, END = "look.begin", "look.end"
OVER = (
    "Your look at {white_label} is over: it lasts {minutes} minutes, and as long as you may look. Nothing was changed."
)


def begin_look(request: HttpRequest, white_label: WhiteLabel) -> None:
    """Let whoever asks look at a white-label, and at no other any more."""
    end_look(request)
    look.begin(request, white_label)
    _record(request, BEGIN, white_label, before="", after=str(white_label))


def end_look(request: HttpRequest) -> WhiteLabel | None:
    """End the look of whoever asks, and return at what it was; None where nobody looked."""
    white_label = WhiteLabel.objects.filter(pk=look.end(request) or 0).first()
    if white_label is not None:
        _record(request, END, white_label, before=str(white_label), after="")
    return white_label


def end_look_in_time(request: HttpRequest) -> WhiteLabel | None:
    """End the look of whoever asks where its time or the right to it is over; return at what it was, and say so."""
    if not look.is_over(request):
        return None
    white_label = end_look(request)
    flash.info(request, OVER.format(white_label=white_label, minutes=look.LASTS.seconds // 60))
    return white_label


def follow() -> None:
    """Begin to end looks with the session."""
    user_logged_out.connect(_signed_out, dispatch_uid="looks")


def _signed_out(request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None:
        end_look(request)


def _record(request: HttpRequest, act: str, white_label: WhiteLabel, *, before: str, after: str) -> None:
    change: Change = {"thing": name_of(white_label), "field": "looked at", "before": before, "after": after}
    request._audit_before = None  # type: ignore[attr-defined]  # in place of what the middleware would write
    audit.record(
        act,
        person=request.user if isinstance(request.user, User) else None,
        white_label=white_label.pk,
        address=address_of(request),
        path=request.path[:PATH_CHARS],
        changes=[change],
    )
