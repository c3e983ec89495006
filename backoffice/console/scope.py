"""Who is at a console, and which white-label they work in."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import SimpleLazyObject

from backoffice.console import look
from people.models import User
from whitelabel.models import WhiteLabel
from whitelabel.models.white_label import AnyUser

SESSION_KEY = "white_label"


def current_person(request: HttpRequest) -> User:
    """Return the person at a page that its console guards: nobody else gets there."""
    assert isinstance(request.user, User)
    return request.user


def white_labels_of(person: AnyUser) -> QuerySet[WhiteLabel]:
    """Return the white-labels `person` has a role in, also where the person is of the platform."""
    return WhiteLabel.objects.of_member(person)


def white_labels_here(request: HttpRequest) -> QuerySet[WhiteLabel]:
    """Return the white-labels whose console the person may enter now: their own, or the one that they look at."""
    looked_at = look.current(request)
    return WhiteLabel.objects.filter(pk=looked_at.white_label.pk) if looked_at else white_labels_of(request.user)


def current_white_label(request: HttpRequest) -> WhiteLabel:
    """Return the white-label the person looks at or works in: the chosen one of theirs, else their first; else 404."""
    found = find_white_label(request)
    if found is None:
        raise Http404
    return found


def find_white_label(request: HttpRequest) -> WhiteLabel | None:
    """Return it as `current_white_label` does, None where there is none; asked for once in a request."""
    known: WhiteLabel | None = getattr(request, "_white_label", None)
    if known is not None:
        return known
    mine, chosen = white_labels_here(request).select_related("mailbox", "server"), request.session.get(SESSION_KEY)
    found = (mine.filter(pk=chosen).first() if chosen else None) or mine.first()
    request._white_label = found  # type: ignore[attr-defined]
    return found


def rights_for_templates(request: HttpRequest) -> dict[str, object]:
    """Give templates `may`: `may.HANDLE_MAIL` is true where the reader of a console's page has that right."""

    def may() -> dict[str, bool]:
        console = getattr(request, "console", None)
        return {right.name: True for right in console.rights_of(request)} if console else {}

    return {"may": SimpleLazyObject(may)}
