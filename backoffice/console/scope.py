"""Who is at a console, and which white-label they work in."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import SimpleLazyObject

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


def current_white_label(request: HttpRequest) -> WhiteLabel:
    """Return the white-label the person works in: the chosen one of theirs, else their first; 404 where none."""
    known: WhiteLabel | None = getattr(request, "_white_label", None)
    if known is not None:
        return known
    mine = white_labels_of(request.user).select_related("mailbox", "server")
    chosen = mine.filter(pk=request.session.get(SESSION_KEY, 0)).first() or mine.first()
    if chosen is None:
        raise Http404
    request._white_label = chosen  # type: ignore[attr-defined]
    return chosen


def rights_for_templates(request: HttpRequest) -> dict[str, object]:
    """Give templates `may`: `may.HANDLE_MAIL` is true where the reader of a console's page has that right."""

    def may() -> dict[str, bool]:
        console = getattr(request, "console", None)
        return {right.name: True for right in console.rights_of(request)} if console else {}

    return {"may": SimpleLazyObject(may)}
