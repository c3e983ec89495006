"""Who is at a console, and which white-label they work in."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from people.models import User
from whitelabel.models import WhiteLabel
from whitelabel.models.white_label import AnyUser

SESSION_KEY = "white_label"


def current_person(request: HttpRequest) -> User:
    """Return the person at a page that its console guards: nobody else gets there."""
    assert isinstance(request.user, User)
    return request.user


def administered_by(person: AnyUser) -> QuerySet[WhiteLabel]:
    """Return the white-labels `person` is an admin of, also where the person is a platform owner."""
    return WhiteLabel.objects.administered_by(person)


def current_white_label(request: HttpRequest) -> WhiteLabel:
    """Return the white-label the person works in: the chosen one of theirs, else their first; 404 where none."""
    known: WhiteLabel | None = getattr(request, "_white_label", None)
    if known is not None:
        return known
    mine = administered_by(request.user).select_related("mailbox", "server")
    chosen = mine.filter(pk=request.session.get(SESSION_KEY, 0)).first() or mine.first()
    if chosen is None:
        raise Http404
    request._white_label = chosen  # type: ignore[attr-defined]
    return chosen
