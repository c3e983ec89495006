"""A look: somebody of the platform at a white-label's console as its admins see it, to read only, for half an hour.

It is kept in the session of whoever looks, who stays signed in as themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from people.roles import RIGHTS, Right, Role, may
from whitelabel.models import WhiteLabel

SESSION_KEY = "look"
LASTS = timedelta(minutes=30)
# What an admin's pages need to be read. Left out is what leads to forms alone, and to the return from a provider.
READS = RIGHTS[Role.ADMIN] & {Right.SEE, Right.REQUEST_DOMAINS, Right.MANAGE_PEOPLE, Right.SEE_AUDIT_LOG}
ACTS: frozenset[Right] = frozenset({Right.SEE})


@dataclass(frozen=True)
class Look:
    white_label: WhiteLabel
    began_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.began_at + LASTS


def begin(request: HttpRequest, white_label: WhiteLabel) -> None:
    request.session[SESSION_KEY] = {"white_label": white_label.pk, "began_at": timezone.now().isoformat()}
    request._look = None  # type: ignore[attr-defined]


def end(request: HttpRequest) -> int | None:
    """Return the id of the white-label that was looked at, None where nobody looked."""
    kept = request.session.pop(SESSION_KEY, None)
    request._look = None  # type: ignore[attr-defined]
    return kept["white_label"] if kept else None


def current(request: HttpRequest) -> Look | None:
    """Return the look that goes on; None without one, when its time is over, or where the right was lost."""
    known: tuple[Look | None] | None = getattr(request, "_look", None)
    if known is None:
        known = request._look = (_read(request),)  # type: ignore[attr-defined]
    return known[0]


def is_over(request: HttpRequest) -> bool:
    """Return whether somebody looked whose look goes on no more, and was not ended."""
    return SESSION_KEY in request.session and current(request) is None


def _read(request: HttpRequest) -> Look | None:
    kept = request.session.get(SESSION_KEY)
    if not kept or not may(request.user, Right.LOOK_AS):
        return None
    white_labels = WhiteLabel.objects.select_related("mailbox", "server").filter(archived_at=None)
    white_label, began_at = (
        white_labels.filter(pk=kept["white_label"]).first(),
        datetime.fromisoformat(kept["began_at"]),
    )
    look = Look(white_label, began_at) if white_label else None
    return look if look and timezone.now() < look.ends_at else None
