"""What the calls of provisioning answer where all is well."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from gateway.http.errors import Error
from gateway.provisioning.items import Kind, ListOutcome, Problem
from people.models import User
from whitelabel.models import Application, WhiteLabel
from whitelabel.routing import Route


class PersonAnswer(BaseModel):
    """A person who is archived, or whom a platform owner has shut out, may not sign in."""

    object: Literal["person"] = "person"
    ref: str
    email: str
    name: str
    may_sign_in: bool
    archived: bool
    created_at: datetime


class WhiteLabelAnswer(BaseModel):
    """`admins` are those of whom the platform has a reference."""

    object: Literal["white_label"] = "white_label"
    ref: str
    name: str
    brand_name: str
    brand_colour: str
    console_host: str | None
    admins: list[str]
    archived: bool
    created_at: datetime


class ApplicationAnswer(BaseModel):
    """`owner` and `white_label` are null where they have no reference; `white_label` also where there is none."""

    object: Literal["application"] = "application"
    ref: str
    name: str
    owner: str | None
    white_label: str | None
    sender_name: str
    sender_address: str
    daily_limit: int
    archived: bool
    created_at: datetime


class PersonList(BaseModel):
    object: Literal["list"] = "list"
    has_more: bool
    data: list[PersonAnswer]


class WhiteLabelList(BaseModel):
    object: Literal["list"] = "list"
    has_more: bool
    data: list[WhiteLabelAnswer]


class ApplicationList(BaseModel):
    object: Literal["list"] = "list"
    has_more: bool
    data: list[ApplicationAnswer]


class Archived(BaseModel):
    object: Literal["person", "white_label", "application"]
    ref: str
    archived: Literal[True] = True


class RouteAnswer(BaseModel):
    """What the page of the application shows. While there is a `hold`, mail waits."""

    object: Literal["route"] = "route"
    rule: int
    server: str
    sender: str = Field(serialization_alias="from")
    reply_to: str | None
    hold: str | None
    hold_until: datetime | None
    reasons: list[str]

    @classmethod
    def of(cls, route: Route) -> "RouteAnswer":
        return cls(
            rule=route.rule,
            server=str(route.server),
            sender=str(route.sender),
            reply_to=str(route.reply_to) if route.reply_to else None,
            hold=route.hold or None,
            hold_until=route.hold_until,
            reasons=list(route.reasons),
        )


class ListAnswer(BaseModel):
    """References of what was or would be created, of what differs with its fields, and of what the list lacks."""

    created: list[str]
    changed: dict[str, list[str]]
    unchanged: int
    missing: list[str]

    @classmethod
    def of(cls, outcome: ListOutcome) -> "ListAnswer":
        return cls(
            created=list(outcome.created),
            changed={ref: sorted(fields) for ref, fields in outcome.changed.items()},
            unchanged=outcome.unchanged,
            missing=list(outcome.missing),
        )


class SyncProblem(BaseModel):
    """What is wrong with the item at `index` of a list."""

    list: Kind
    index: int
    ref: str
    field: str
    message: str

    @classmethod
    def of(cls, problem: Problem) -> "SyncProblem":
        return cls(list=problem.kind, index=problem.at, ref=problem.ref, field=problem.field, message=problem.message)


class SyncAnswer(BaseModel):
    """A list that was not sent is null. `errors` are the first of them, of a dry run; otherwise there are none."""

    object: Literal["sync"] = "sync"
    dry_run: bool
    people: ListAnswer | None = None
    white_labels: ListAnswer | None = None
    applications: ListAnswer | None = None
    errors: list[SyncProblem] = []
    error_count: int = 0


class SyncError(Error):
    """A refusal, with the first of what is wrong."""

    errors: list[SyncProblem] = []
    error_count: int = 0


def person_answer(person: User) -> PersonAnswer:
    return PersonAnswer(
        ref=person.ref or "",
        email=person.email,
        name=person.name,
        may_sign_in=person.is_active,
        archived=person.is_archived,
        created_at=person.date_joined,
    )


def white_label_answer(white_label: WhiteLabel) -> WhiteLabelAnswer:
    return WhiteLabelAnswer(
        ref=white_label.ref or "",
        name=white_label.name,
        brand_name=white_label.brand_name,
        brand_colour=white_label.brand_colour,
        console_host=white_label.console_host,
        admins=sorted(person.ref for person in white_label.admins.all() if person.ref),
        archived=white_label.is_archived,
        created_at=white_label.created_at,
    )


def application_answer(application: Application) -> ApplicationAnswer:
    return ApplicationAnswer(
        ref=application.ref or "",
        name=application.name,
        owner=application.owner.ref,
        white_label=application.white_label.ref if application.white_label else None,
        sender_name=application.sender_name,
        sender_address=application.sender_address,
        daily_limit=application.daily_limit,
        archived=application.is_archived,
        created_at=application.created_at,
    )


ANSWERS: dict[Kind, Callable[[Any], BaseModel]] = {
    Kind.PEOPLE: person_answer,
    Kind.WHITE_LABELS: white_label_answer,
    Kind.APPLICATIONS: application_answer,
}
