"""The audit log: who did what, from where, and what was different afterwards; never a secret.

A middleware compares the rows that a page is about before and after each POST of a signed-in person, so that no view
has to remember it, and a new page is in the log from its first day.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal.httpkit import get_client_ip
from django.apps import apps
from django.contrib.auth.hashers import is_password_usable
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.urls import Resolver404, ResolverMatch, resolve

from backoffice.console.scope import current_white_label
from backoffice.owner_console.site import owner_console
from backoffice.whitelabel_console.site import whitelabel_console
from people.models import AuditEntry, User
from smtp_settings.models import Communication, SmtpCheck, SmtpServer
from whitelabel.models import Application, SendingDomain

SECRET = "[secret]"  # noqa: S105
SECRET_FIELDS = ("password", "sealed_secret", "ownership_token")
VOLATILE_FIELDS = ("updated_at", "last_login", "checked_at", "moved_at", "facts")
IDS = {"application_id": Application, "person_id": User, "domain_id": SendingDomain}
VALUE_CHARS = 500
DONE = (302, 303)  # a form that is shown again with its mistakes answers otherwise

View = Callable[[HttpRequest], HttpResponse]
Snapshot = dict[tuple[str, str], dict[str, str]]


class AuditMiddleware:
    """Write an entry for each POST of a person that did something."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        before: Snapshot | None = getattr(request, "_audit_before", None)
        if before is not None and response.status_code < 400 and isinstance(request.user, User):
            match = request.resolver_match
            assert match is not None
            changes = list(differences(before, snapshot(request, match) | added(response, match)))
            if changes or response.status_code in DONE:
                note(request, match.view_name, person=request.user, changes=changes)
        return response

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        match = request.resolver_match
        if request.method == "POST" and match and _admits(match.namespace, request):
            request._audit_before = snapshot(request, match)  # type: ignore[attr-defined]


def _admits(namespace: str, request: HttpRequest) -> bool:
    """Return whether the console behind `namespace` lets the person do anything at all."""
    return any(site.name == namespace and site.has_permission(request) for site in (owner_console, whitelabel_console))


def note(request: HttpRequest | None, act: str, *, person: User | None, changes: list[dict[str, str]]) -> None:
    """Append an entry; `changes` are `{"thing", "field", "before", "after"}`."""
    AuditEntry.objects.create(
        person=person,
        who=person.email if person else "",
        address=(get_client_ip(request) or "") if request else "",
        act=act,
        path=request.path[:300] if request else "",
        changes=changes,
    )


def note_instead(request: HttpRequest, act: str, *, person: User, changes: list[dict[str, str]]) -> None:
    """Append an entry in place of the one that the middleware would write: for what no watched row shows."""
    request._audit_before = None  # type: ignore[attr-defined]
    note(request, act, person=person, changes=changes)


def note_stored(
    sender: type[SmtpServer], *, check: SmtpCheck, before: Mapping[str, Any], after: Mapping[str, Any], **_: object
) -> None:
    """Append what a worker stored when the check that a person had begun was passed; receives `server_verified`."""
    key = (SmtpServer._meta.label, check.scope_key)
    columns = [{key: {name: str(value) for name, value in values.items()}} for values in (before, after)]
    note(None, "store a checked SMTP server", person=check.person, changes=list(differences(*columns)))


def snapshot(request: HttpRequest, match: ResolverMatch) -> Snapshot:
    """Return the columns of every row that the page may change, by name of the row."""
    return {
        (thing._meta.label, str(thing.pk)): columns_of(thing) for thing in _watched(request, match) if thing is not None
    }


def added(response: HttpResponse, match: ResolverMatch) -> Snapshot:
    """Return the columns of the new row that a page without a row leads to."""
    if named_row(match) or not isinstance(response, HttpResponseRedirectBase):
        return {}
    try:
        thing = _named(resolve(urlsplit(response.url).path))
    except Resolver404:
        return {}
    return {(thing._meta.label, str(thing.pk)): columns_of(thing)} if thing else {}


def differences(before: Snapshot, after: Snapshot) -> Iterator[dict[str, str]]:
    for key in before | after:
        old, new = before.get(key, {}), after.get(key, {})
        for field in old | new:
            if old.get(field) != new.get(field):
                shown = {"before": old.get(field, ""), "after": new.get(field, "")}
                if field in SECRET_FIELDS:
                    shown = {
                        side: SECRET if value and is_password_usable(value) else "" for side, value in shown.items()
                    }
                yield {"thing": " ".join(key), "field": field, **shown}


def columns_of(thing: Model) -> dict[str, str]:
    """Return what is in the row, as text; many-to-many relations as sorted ids."""
    columns = {
        field.name: str(getattr(thing, field.attname))[:VALUE_CHARS]
        for field in thing._meta.concrete_fields
        if field.name not in VOLATILE_FIELDS
    }
    for field in thing._meta.many_to_many:
        columns[field.name] = ", ".join(sorted(str(other) for other in getattr(thing, field.name).all()))[:VALUE_CHARS]
    return columns


def _watched(request: HttpRequest, match: ResolverMatch) -> Iterator[Model | None]:
    """Yield the rows a page of this site may change: the settings of the side it belongs to, and what it names."""
    if match.namespace == "owner":
        communication = Communication.current()
        yield from (communication, communication.server, communication.standby)
    else:
        white_label = current_white_label(request)
        white_label.refresh_from_db()
        yield white_label
        yield white_label.server
    yield _named(match)


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
