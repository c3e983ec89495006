"""The calls of provisioning: people, white-labels and applications by the platform's own ids, for its own keys."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pydantic
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Body, Query, Router, Status
from pydantic import BaseModel, Field, WrapValidator

from gateway.choices import Scope
from gateway.http import provisioned
from gateway.http.bearer import Bearer, key_of
from gateway.http.emails import ERRORS, MAX_PAGE
from gateway.http.errors import Error, Refused, invalid, not_there, unreadable
from gateway.provisioning import acts, fields, items
from gateway.provisioning.items import MAX_ITEMS, SHOWN_PROBLEMS, Author, Item, Kind, Problem
from gateway.provisioning.list_plan import REQUIRED
from people.client_address import client_address
from people.models import User
from people.models.provisioned import REF_CHARS
from whitelabel.models import Application, WhiteLabel
from whitelabel.routing import route_for

SYNC_BYTES = 24 * 1024 * 1024
ONE_BYTES = 256 * 1024
OBJECTS: dict[Kind, Literal["person", "white_label", "application"]] = {
    Kind.PEOPLE: "person",
    Kind.WHITE_LABELS: "white_label",
    Kind.APPLICATIONS: "application",
}

one = Bearer(Scope.PROVISION, largest=lambda: ONE_BYTES)
people = Router(auth=one, tags=["People"])
white_labels = Router(auth=one, tags=["White-labels"])
applications = Router(auth=one, tags=["Applications"])
sync = Router(auth=Bearer(Scope.PROVISION, largest=lambda: SYNC_BYTES), tags=["Provisioning"])


class Page(BaseModel):
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    after: str | None = None


@people.get("", response={200: provisioned.PersonList, ERRORS: Error}, summary="List people, the oldest first")
def list_people(request: HttpRequest, page: Annotated[Page, Query()]) -> Any:
    return _page(Kind.PEOPLE, User.objects.all(), page)


@people.get("/{ref}", response={200: provisioned.PersonAnswer, ERRORS: Error}, summary="Get a person")
def get_person(request: HttpRequest, ref: str) -> Any:
    return _got(Kind.PEOPLE, ref)


@people.put("/{ref}", response={200: provisioned.PersonAnswer, ERRORS: Error}, summary="Make a person, or change one")
def put_person(request: HttpRequest, ref: str, person: Annotated[fields.PersonFields, Body()]) -> Any:
    return _put(request, Kind.PEOPLE, person.item(ref))


@people.patch("/{ref}", response={200: provisioned.PersonAnswer, ERRORS: Error}, summary="Change a person")
def patch_person(request: HttpRequest, ref: str, person: Annotated[fields.PersonFields, Body()]) -> Any:
    return _changed(request, Kind.PEOPLE, person.item(ref))


@people.delete("/{ref}", response={200: provisioned.Archived, ERRORS: Error}, summary="Archive a person")
def archive_person(request: HttpRequest, ref: str) -> Any:
    """The person cannot sign in any more, and applications of theirs take the platform's route."""
    return _archived(request, Kind.PEOPLE, ref)


@white_labels.get("", response={200: provisioned.WhiteLabelList, ERRORS: Error}, summary="List white-labels")
def list_white_labels(request: HttpRequest, page: Annotated[Page, Query()]) -> Any:
    return _page(Kind.WHITE_LABELS, WhiteLabel.objects.prefetch_related("admins"), page)


@white_labels.get("/{ref}", response={200: provisioned.WhiteLabelAnswer, ERRORS: Error}, summary="Get a white-label")
def get_white_label(request: HttpRequest, ref: str) -> Any:
    return _got(Kind.WHITE_LABELS, ref)


@white_labels.put(
    "/{ref}", response={200: provisioned.WhiteLabelAnswer, ERRORS: Error}, summary="Make a white-label, or change one"
)
def put_white_label(request: HttpRequest, ref: str, white_label: Annotated[fields.WhiteLabelFields, Body()]) -> Any:
    return _put(request, Kind.WHITE_LABELS, white_label.item(ref))


@white_labels.patch(
    "/{ref}", response={200: provisioned.WhiteLabelAnswer, ERRORS: Error}, summary="Change a white-label"
)
def patch_white_label(request: HttpRequest, ref: str, white_label: Annotated[fields.WhiteLabelFields, Body()]) -> Any:
    return _changed(request, Kind.WHITE_LABELS, white_label.item(ref))


@white_labels.delete("/{ref}", response={200: provisioned.Archived, ERRORS: Error}, summary="Archive a white-label")
def archive_white_label(request: HttpRequest, ref: str) -> Any:
    """Its admins have no console of it any more. It must not have applications that are not archived."""
    return _archived(request, Kind.WHITE_LABELS, ref)


@applications.get("", response={200: provisioned.ApplicationList, ERRORS: Error}, summary="List applications")
def list_applications(request: HttpRequest, page: Annotated[Page, Query()]) -> Any:
    return _page(Kind.APPLICATIONS, Application.objects.select_related("owner", "white_label"), page)


@applications.get("/{ref}", response={200: provisioned.ApplicationAnswer, ERRORS: Error}, summary="Get an application")
def get_application(request: HttpRequest, ref: str) -> Any:
    return _got(Kind.APPLICATIONS, ref)


@applications.put(
    "/{ref}",
    response={200: provisioned.ApplicationAnswer, ERRORS: Error},
    summary="Make an application, or change one",
)
def put_application(request: HttpRequest, ref: str, application: Annotated[fields.ApplicationFields, Body()]) -> Any:
    return _put(request, Kind.APPLICATIONS, application.item(ref))


@applications.patch(
    "/{ref}", response={200: provisioned.ApplicationAnswer, ERRORS: Error}, summary="Change an application"
)
def patch_application(request: HttpRequest, ref: str, application: Annotated[fields.ApplicationFields, Body()]) -> Any:
    return _changed(request, Kind.APPLICATIONS, application.item(ref))


@applications.delete("/{ref}", response={200: provisioned.Archived, ERRORS: Error}, summary="Archive an application")
def archive_application(request: HttpRequest, ref: str) -> Any:
    """It sends nothing more: its keys are stopped, and what waits is held. Its log stays."""
    return _archived(request, Kind.APPLICATIONS, ref)


@applications.get(
    "/{ref}/route", response={200: provisioned.RouteAnswer, ERRORS: Error}, by_alias=True, summary="Get the route"
)
def route(request: HttpRequest, ref: str) -> Any:
    """Which server its mail leaves through, from which address, and why."""
    found = acts.find(Kind.APPLICATIONS, ref)
    if found is None:
        raise not_there()
    return provisioned.RouteAnswer.of(route_for(found))


def _or_why_not(value: Any, read: Callable[[Any], fields.Fields]) -> "fields.Fields | Wrong":
    """Return an item, or what is wrong with it, so that the others can be looked at too."""
    try:
        return read(value)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        ref = value.get("ref") if isinstance(value, dict) else ""
        refused = unreadable([{**first, "loc": ("item", *first["loc"])}])
        return Wrong(
            ref=ref[:REF_CHARS] if isinstance(ref, str) else "",
            field=".".join(str(part) for part in first["loc"] if part),
            message=refused.message,
        )


class Wrong(BaseModel):
    ref: str
    field: str
    message: str


class Lists(BaseModel):
    """A kind that is left out is not looked at. What a list lacks is named as missing, and stays as it is."""

    people: Annotated[
        list[Annotated[fields.Person, WrapValidator(_or_why_not)]] | None, Field(max_length=MAX_ITEMS)
    ] = None
    white_labels: Annotated[
        list[Annotated[fields.OneWhiteLabel, WrapValidator(_or_why_not)]] | None, Field(max_length=MAX_ITEMS)
    ] = None
    applications: Annotated[
        list[Annotated[fields.OneApplication, WrapValidator(_or_why_not)]] | None, Field(max_length=MAX_ITEMS)
    ] = None
    dry_run: bool = False

    def read(self) -> tuple[dict[Kind, list[Item]], list[Problem]]:
        """Return the items, and what is wrong with those that cannot be read."""
        lists: dict[Kind, list[Item]] = {}
        problems: list[Problem] = []
        for kind in Kind:
            given: list[Any] | None = getattr(self, kind.value)
            if given is None:
                continue
            lists[kind] = [each.item(each.ref, at) for at, each in enumerate(given) if not isinstance(each, Wrong)]
            wrong = [(at, each) for at, each in enumerate(given) if isinstance(each, Wrong)]
            problems += [Problem(kind, at, each.ref, each.field, each.message) for at, each in wrong]
        return lists, problems


@sync.post(
    "", response={200: provisioned.SyncAnswer, 422: provisioned.SyncError, ERRORS - {422}: Error},
    summary="Bring whole lists into line, all or nothing",
)  # fmt: skip
def synchronize(request: HttpRequest, lists: Annotated[Lists, Body()]) -> Any:
    """With `dry_run` nothing is changed, and the answer says what would be, and what is wrong."""
    given, problems = lists.read()
    if lists.dry_run:
        outcome, more = acts.preview(given)
        return _synchronized(outcome, [*problems, *more], dry_run=True)
    _no_test(request)
    try:
        if problems:
            raise items.Refused(problems)
        return _synchronized(acts.synchronize(given, author(request)), [], dry_run=False)
    except items.Refused as refused:
        words = _in_list(refused.problems)
        shown = _shown(refused.problems)
        return Status(422, provisioned.SyncError(statusCode=422, name="validation_error", message=words, **shown))


def _synchronized(outcome: items.Outcome, problems: list[Problem], *, dry_run: bool) -> provisioned.SyncAnswer:
    parts = {kind.value: provisioned.ListAnswer.of(part) for kind, part in outcome.items()}
    return provisioned.SyncAnswer(dry_run=dry_run, **parts, **_shown(problems))  # type: ignore[arg-type]


def _shown(problems: Any) -> dict[str, Any]:
    shown = [provisioned.SyncProblem.of(problem) for problem in problems[:SHOWN_PROBLEMS]]
    return {"errors": shown, "error_count": len(problems)}


def _in_list(problems: Any) -> str:
    first, more = problems[0], len(problems) - 1
    words = f"Item {first.at} of `{first.kind}`, {first.ref or 'without reference'}: {_words(first)}"
    return f"{words} There are {more:,} more errors." if more else words


def _words(problem: Problem) -> str:
    if not problem.field or problem.message.startswith(("Invalid `", "Missing `")):
        return problem.message
    if problem.message == REQUIRED:
        return f"Missing `{problem.field}` field."
    return f"Invalid `{problem.field}` field: {problem.message}"


def author(request: HttpRequest) -> Author:
    key = key_of(request)
    return Author(who=key.shown, address=client_address(request)[:64], path=request.path, key=key)


def _no_test(request: HttpRequest) -> None:
    if key_of(request).test:
        raise Refused(401, "restricted_api_key", "A test key changes nothing: it can read, and try a dry run.")


def _page(kind: Kind, rows: "QuerySet[Any]", page: Page) -> Any:
    rows = rows.exclude(ref=None).order_by("pk")
    if page.after is not None:
        before = acts.find(kind, page.after)
        if before is None:
            raise not_there()
        rows = rows.filter(pk__gt=before.pk)
    found = list(rows[: page.limit + 1])
    data = [provisioned.ANSWERS[kind](row) for row in found[: page.limit]]
    return {"has_more": len(found) > page.limit, "data": data}


def _got(kind: Kind, ref: str) -> BaseModel:
    row = acts.find(kind, ref)
    if row is None:
        raise not_there()
    return provisioned.ANSWERS[kind](row)


def _put(request: HttpRequest, kind: Kind, item: Item) -> BaseModel:
    _no_test(request)
    return provisioned.ANSWERS[kind](_refused(lambda: acts.put(kind, item, author(request))[0]))


def _changed(request: HttpRequest, kind: Kind, item: Item) -> BaseModel:
    _no_test(request)
    row = _refused(lambda: acts.change(kind, item, author(request)))
    if row is None:
        raise not_there()
    return provisioned.ANSWERS[kind](row)


def _archived(request: HttpRequest, kind: Kind, ref: str) -> provisioned.Archived:
    _no_test(request)
    if _refused(lambda: acts.archive(kind, ref, author(request))) is None:
        raise not_there()
    return provisioned.Archived(object=OBJECTS[kind], ref=ref)


def _refused(act: Callable[[], Any]) -> Any:
    """Return what `act` does; what it refuses is refused in the shape of the API."""
    try:
        return act()
    except items.Refused as refused:
        problem = refused.problems[0]
        name = "missing_required_field" if problem.message == REQUIRED else "validation_error"
        raise invalid(_words(problem), name) from refused
