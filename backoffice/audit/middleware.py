"""Record what people do on the pages of the consoles.

The rows that a page is about are compared before and after each POST of a signed-in person, so that no view has to
remember it, and a new page is in the log from its first day.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.urls import Resolver404, ResolverMatch, resolve

from backoffice.audit.acts import PAGES, VERBS
from backoffice.console.scope import current_white_label
from people import audit
from people.audit import Change, Snapshot, differences
from people.client_address import client_address
from people.models import User
from smtp_settings.models import Communication
from whitelabel.models import Application, SendingDomain

IDS = {"application_id": Application, "person_id": User, "domain_id": SendingDomain}
PATH_CHARS = 300
REDIRECTS = (302, 303)  # a form that is shown again with its mistakes answers otherwise

View = Callable[[HttpRequest], HttpResponse]


class AuditMiddleware:
    """Record each POST of a person that did something."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        before: Snapshot | None = getattr(request, "_audit_before", None)
        if before is not None and response.status_code < 400 and isinstance(request.user, User):
            match = request.resolver_match
            assert match is not None
            changes = list(differences(before, rows_of_page(request, match) | added_row(response, match)))
            if changes or response.status_code in REDIRECTS:
                record(request, act_of(match.url_name or ""), person=request.user, changes=changes)
        return response

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        match, console = request.resolver_match, getattr(request, "console", None)
        if request.method == "POST" and match and console and console.has_permission(request):
            request._audit_before = rows_of_page(request, match)  # type: ignore[attr-defined]


def record(request: HttpRequest | None, act: str, *, person: User | None, changes: Iterable[Change] = ()) -> None:
    """Append an entry about a request."""
    address = client_address(request) if request else ""
    audit.record(
        act, person=person, address=address, path=request.path[:PATH_CHARS] if request else "", changes=changes
    )


def record_instead(request: HttpRequest, act: str, *, person: User, changes: Iterable[Change]) -> None:
    """Append an entry in place of the one that the middleware would write: for what no watched row shows."""
    request._audit_before = None  # type: ignore[attr-defined]
    record(request, act, person=person, changes=changes)


def act_of(url_name: str) -> str:
    """Return the code of what a POST to a page does: "whitelabel.application.change" for a form of the admin."""
    if url_name in PAGES:
        return PAGES[url_name]
    model, verb = model_of(url_name), url_name.rpartition("_")[2]
    return f"{model._meta.label_lower}.{verb}" if model and verb in VERBS else url_name


def rows_of_page(request: HttpRequest, match: ResolverMatch) -> Snapshot:
    """Return what is in the rows that the page may change: the settings of its console, and the row that it names."""
    return audit.snapshot(*_settings_of_console(request), _named(match))


def added_row(response: HttpResponse, match: ResolverMatch) -> Snapshot:
    """Return what is in the new row that a page without a row leads to."""
    if named_row(match) or not isinstance(response, HttpResponseRedirectBase):
        return {}
    try:
        return audit.snapshot(_named(resolve(urlsplit(response.url).path)))
    except Resolver404:
        return {}


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
        if model and str(value).isdigit():
            return model, str(value)
    return None


def model_of(url_name: str) -> type[Model] | None:
    """Return the model of one of the admin's own URL names, such as whitelabel_application_change."""
    app_label, _, rest = url_name.partition("_")
    try:
        return apps.get_model(app_label, rest.partition("_")[0])
    except LookupError:
        return SendingDomain if "domain" in url_name else None
