"""Who is at a console, and which white-label they work in."""

from django.db.models import Case, QuerySet, When
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


def white_label_here(request: HttpRequest) -> WhiteLabel | None:
    """Return the white-label the person looks at or works in: the chosen one of theirs, else their first; None of
    nobody's. One query for the whole request."""
    known: tuple[WhiteLabel | None] | None = getattr(request, "_white_label", None)
    if known is None:
        known = request._white_label = (_find_white_label(request),)  # type: ignore[attr-defined]
    return known[0]


def current_white_label(request: HttpRequest) -> WhiteLabel:
    """Return the white-label the person looks at or works in; raises `Http404` where there is none."""
    white_label = white_label_here(request)
    if white_label is None:
        raise Http404
    return white_label


def _find_white_label(request: HttpRequest) -> WhiteLabel | None:
    if looked_at := look.current(request):
        return looked_at.white_label
    if not request.user.is_authenticated:
        return None
    chosen_first = Case(When(pk=request.session.get(SESSION_KEY, 0), then=0), default=1)
    mine = white_labels_of(request.user).select_related("mailbox", "server")
    return mine.order_by(chosen_first, "name").first()


def rights_for_templates(request: HttpRequest) -> dict[str, object]:
    """Give templates `may`: `may.HANDLE_MAIL` is true where the reader of a console's page has that right."""

    def may() -> dict[str, bool]:
        console = getattr(request, "console", None)
        return {right.name: True for right in console.rights_of(request)} if console else {}

    return {"may": SimpleLazyObject(may)}
