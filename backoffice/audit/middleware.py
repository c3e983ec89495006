"""Record what people do on the pages of the consoles.

The rows that a page is about are compared before and after each POST of a signed-in person, so that no view has to
remember it, and a new page is in the log from its first day.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.urls import Resolver404, ResolverMatch, resolve

from backoffice.audit.acts import PAGES, VERBS
from backoffice.audit.concern import concerned
from backoffice.console.ids import may_be_id
from backoffice.console.scope import current_white_label
from people import audit
from people.audit import Change, Snapshot, differences
from people.client_address import client_address
from people.models import User
from phrases.phrase import Phrase
from smtp_settings.models import Communication
from whitelabel.models import Application, SendingDomain

IDS = {"application_id": Application, "person_id": User, "domain_id": SendingDomain}
PATH_CHARS = 300
ADDRESS_CHARS = 64
REDIRECTS = (302, 303)  # a form that is shown again with its mistakes answers otherwise

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True)
class Before:
    """What a page may change, as it was before: the columns of rows, and which white-labels these were of (ids)."""

    columns: Snapshot
    white_labels: set[int]


class AuditMiddleware:
    """Record each POST of a person that did something."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        before: Before | None = getattr(request, "_audit_before", None)
        if before is not None and response.status_code < 400 and isinstance(request.user, User):
            match = request.resolver_match
            assert match is not None
            rows = [*rows_of_page(request, match), added_row(response, match)]
            changes = list(differences(before.columns, audit.snapshot(*rows)))
            if changes or response.status_code in REDIRECTS:
                concerns = before.white_labels.union(*map(concerned, rows))
                record(request, act_of(match.url_name or ""), person=request.user, changes=changes, concerns=concerns)
        return response

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        match, console = request.resolver_match, getattr(request, "console", None)
        if request.method == "POST" and match and console and console.has_permission(request):
            rows = rows_of_page(request, match)
            before = Before(audit.snapshot(*rows), set[int]().union(*map(concerned, rows)))
            request._audit_before = before  # type: ignore[attr-defined]


def record(
    request: HttpRequest | None,
    act: str,
    *,
    person: User | None,
    changes: Iterable[Change] = (),
    concerns: Collection[int] = (),
    detail: Phrase | None = None,
) -> None:
    """Append an entry about a request, one for each white-label that it `concerns` (ids), else one of the platform's.

    Whatever is done in a white-label's console concerns that white-label alone.
    """
    address, path = (address_of(request), request.path[:PATH_CHARS]) if request else ("", "")
    several: list[int | None] = [*sorted(_of_console(request) or concerns)]
    for white_label in several or [None]:
        audit.record(
            act, person=person, white_label=white_label, address=address, path=path, changes=changes, detail=detail
        )


def record_instead(
    request: HttpRequest,
    act: str,
    *,
    person: User,
    changes: Iterable[Change] = (),
    concerns: Collection[int] = (),
    detail: Phrase | None = None,
) -> None:
    """Append an entry in place of the one that the middleware would write: for what no watched row shows."""
    request._audit_before = None  # type: ignore[attr-defined]
    record(request, act, person=person, changes=changes, concerns=concerns, detail=detail)


def address_of(request: HttpRequest) -> str:
    return client_address(request)[:ADDRESS_CHARS]


def act_of(url_name: str) -> str:
    """Return the code of what a POST to a page does: "whitelabel.application.change" for a form of the admin."""
    if url_name in PAGES:
        return PAGES[url_name]
    model, verb = model_of(url_name), url_name.rpartition("_")[2]
    return f"{model._meta.label_lower}.{verb}" if model and verb in VERBS else url_name


def rows_of_page(request: HttpRequest, match: ResolverMatch) -> list[Model | None]:
    """Return the rows that the page may change, as they are: the settings of its console, and the row that it names."""
    return [*_settings_of_console(request), _named(match)]


def added_row(response: HttpResponse, match: ResolverMatch) -> Model | None:
    """Return the new row that a page without a row leads to."""
    if named_row(match) or not isinstance(response, HttpResponseRedirectBase):
        return None
    try:
        return _named(resolve(urlsplit(response.url).path))
    except Resolver404:
        return None


def _of_console(request: HttpRequest | None) -> set[int]:
    """Return the white-label in whose console the request was made."""
    console = getattr(request, "console", None)
    return {current_white_label(request).pk} if request and console and console.name == "whitelabel" else set()


def _settings_of_console(request: HttpRequest) -> Iterator[Model | None]:
    if request.console.name == "owner":  # type: ignore[attr-defined]
        communication = Communication.current()
        yield from (communication, communication.server, communication.standby)
    else:
        white_label = current_white_label(request)
        white_label.refresh_from_db()
        yield from (white_label, white_label.server)


def _named(match: ResolverMatch) -> Model | None:
    """Return the row that the address names."""
    row = named_row(match)
    return row[0]._default_manager.filter(pk=row[1]).first() if row else None


def named_row(match: ResolverMatch) -> tuple[type[Model], str] | None:
    """Return the model and the id of the row that the address names, whether it is there or not."""
    for name, value in match.kwargs.items():
        model = IDS.get(name) or (model_of(match.url_name or "") if name in ("object_id", "pk") else None)
        if model and may_be_id(model, value):
            return model, str(value)
    return None


def model_of(url_name: str) -> type[Model] | None:
    """Return the model of one of the admin's own URL names, such as whitelabel_application_change."""
    app_label, _, rest = url_name.partition("_")
    try:
        return apps.get_model(app_label, rest.partition("_")[0])
    except LookupError:
        return SendingDomain if "domain" in url_name else None
