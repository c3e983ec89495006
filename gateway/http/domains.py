"""The calls about sending domains: *Send request*, what the platform answered, and what DNS shows."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Body, Router
from pydantic import BaseModel, Field

from gateway.choices import Scope
from gateway.http.bearer import Bearer, application_of, key_of
from gateway.http.emails import ERRORS
from gateway.http.errors import Error, Refused, not_there
from gateway.http.recording import record, record_repeated
from people import audit
from people.models import User
from whitelabel.dns.record import PROOF_LABEL, Status, Type
from whitelabel.domains import lifecycle
from whitelabel.domains.check import check_for_person
from whitelabel.models import DnsRecord, SendingDomain, WhiteLabel

DomainStatus = Literal["not_started", "pending", "verified", "partially_verified", "partially_failed", "failed"]
RecordStatus = Literal["not_started", "pending", "verified", "failed", "temporary_failure"]
State = SendingDomain.State

STATES: dict[str, DomainStatus] = {
    State.REQUESTED: "not_started",
    State.APPROVED: "pending",
    State.VERIFYING: "pending",
    State.ACTIVE: "verified",
    State.DEGRADED: "partially_failed",
}  # the rest is "failed"
RECORD_STATES: dict[str, RecordStatus] = {
    Status.PENDING: "pending",
    Status.OK: "verified",
    Status.MISSING: "failed",
    Status.DIFFERENT: "failed",
    Status.UNKNOWN: "temporary_failure",
}
MAX_NAME_CHARS = 253

router = Router(auth=Bearer(Scope.DOMAINS), tags=["Domains"])


class DomainIn(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]


class RecordAnswer(BaseModel):
    """`value` is what to publish; of an MX record without its `priority`."""

    record: str
    name: str
    type: str
    ttl: str = "Auto"
    status: RecordStatus
    value: str
    priority: int | None = None

    @classmethod
    def of(cls, row: DnsRecord) -> Self:
        priority, _, host = row.to_publish.partition(" ")
        is_mx = row.type == Type.MX and priority.isdigit()
        return cls(
            record=_purpose(row),
            name=row.name,
            type=row.type,
            status=RECORD_STATES[row.status] if row.checked_at else "not_started",
            value=host if is_mx else row.to_publish,
            priority=int(priority) if is_mx else None,
        )


class Capabilities(BaseModel):
    sending: Literal["enabled", "disabled"]
    receiving: Literal["disabled"] = "disabled"


class DomainItem(BaseModel):
    """A domain in a list; `region` is the same for all, as there is one platform."""

    object: Literal["domain"] = "domain"
    id: str
    name: str
    status: DomainStatus
    created_at: datetime
    region: str = "platform"
    capabilities: Capabilities

    @classmethod
    def of(cls, domain: SendingDomain, **more: Any) -> Self:
        return cls(
            id=str(domain.pk),
            name=domain.domain,
            status=_status(domain),
            created_at=domain.requested_at,
            capabilities=Capabilities(sending="enabled" if domain.is_live else "disabled"),
            **more,
        )


class DomainAnswer(DomainItem):
    """The records are there once the platform has answered the request."""

    records: list[RecordAnswer]


class DomainList(BaseModel):
    object: Literal["list"] = "list"
    has_more: bool = False
    data: list[DomainItem]


class Looked(BaseModel):
    object: Literal["domain"] = "domain"
    id: str


class Withdrawn(Looked):
    deleted: Literal[True] = True


@router.post("", response={200: DomainAnswer, ERRORS: Error}, summary="Ask the platform to send for a domain")
def request_domain(request: HttpRequest, domain: Annotated[DomainIn, Body()]) -> Any:
    white_label, person = _side(request)
    _no_test(request)
    with transaction.atomic():
        asked = lifecycle.request_domain(white_label=white_label, person=person, typed=domain.name)
        record(request, "domain.request", audit.differences({}, audit.snapshot(asked)))
    return _answer(asked)


@router.get("", response={200: DomainList, ERRORS: Error}, summary="List the domains")
def domains(request: HttpRequest) -> Any:
    return DomainList(data=[DomainItem.of(domain) for domain in _own(request)])


@router.get("/{domain_id}", response={200: DomainAnswer, ERRORS: Error}, summary="Get a domain and its records")
def domain(request: HttpRequest, domain_id: str) -> Any:
    return _answer(_one(request, domain_id))


@router.post("/{domain_id}/verify", response={200: Looked, ERRORS: Error}, summary="Look for the records now")
def verify(request: HttpRequest, domain_id: str) -> Any:
    found = _one(request, domain_id)
    _no_test(request)
    if found.state in SendingDomain.CHECKED:
        check_for_person(found)
        asked: audit.Change = {"thing": audit.name_of(found), "field": "checked_at", "before": "", "after": ""}
        record_repeated(request, "domain.check", asked)
    return Looked(id=str(found.pk))


@router.delete("/{domain_id}", response={200: Withdrawn, ERRORS: Error}, summary="Withdraw the request or the domain")
def withdraw(request: HttpRequest, domain_id: str) -> Any:
    found = _one(request, domain_id)
    _no_test(request)
    before = audit.snapshot(found)
    with transaction.atomic():
        lifecycle.perform(found.withdraw, by=_side(request)[1])
        record(request, "domain.withdraw", audit.differences(before, audit.snapshot(found)))
    return Withdrawn(id=str(found.pk))


def _side(request: HttpRequest) -> tuple[WhiteLabel, User]:
    """Return the white-label whose domains they are, and its admin who acts: the owner of the application."""
    application = application_of(request)
    assert application.white_label is not None, "`Key.may` has asked"
    return application.white_label, application.owner


def _no_test(request: HttpRequest) -> None:
    if key_of(request).test:
        raise Refused(401, "restricted_api_key", "A test key changes nothing: it can only read the domains.")


def _own(request: HttpRequest) -> QuerySet[SendingDomain]:
    white_label, _ = _side(request)
    mine = SendingDomain.objects.filter(white_label=white_label).exclude(state=State.WITHDRAWN)
    return mine.prefetch_related("records").order_by("-requested_at", "-id")


def _one(request: HttpRequest, domain_id: str) -> SendingDomain:
    known = {str(domain.pk): domain for domain in _own(request)}
    if domain_id not in known:
        raise not_there()
    return known[domain_id]


def _answer(domain: SendingDomain) -> DomainAnswer:
    rows = [] if domain.state == State.REQUESTED else domain.records.all()
    return DomainAnswer.of(domain, records=[RecordAnswer.of(row) for row in rows])


def _status(domain: SendingDomain) -> DomainStatus:
    status = STATES.get(domain.state, "failed")
    if status == "pending" and any(row.status == Status.OK for row in domain.records.all()):
        return "partially_verified"
    return status


def _purpose(row: DnsRecord) -> str:
    """Return what a record is for, in the words of the SDKs where they have one."""
    name, value = row.name.lower(), row.value.lower()
    if name.startswith(PROOF_LABEL):
        return "Ownership"
    if "._domainkey." in name:
        return "DKIM"
    if name.startswith("_dmarc."):
        return "DMARC"
    return "SPF" if value.startswith("v=spf1") or row.type == Type.MX else "Tracking"
