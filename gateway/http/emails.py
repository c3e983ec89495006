"""The calls about e-mails: send, batch, get, list, cancel, reschedule what the application sent."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BinaryField, Q, QuerySet
from django.db.models.functions import Substr
from django.http import HttpRequest
from ninja import Body, Header, Query, Router
from pydantic import BaseModel, Field, WrapValidator

from delivery import schedule
from delivery.api import Prepared
from delivery.message.stored import HEAD_BYTES
from delivery.models import Delivery, Email
from gateway.acceptance import accept
from gateway.choices import Scope
from gateway.http import answers, scheduled_time
from gateway.http.bearer import Bearer, application_of, key_of
from gateway.http.errors import Error, Refused, invalid, not_there, refusal, unreadable
from gateway.http.idempotency import Answer, once
from gateway.http.message import MessageIn
from gateway.http.recording import record_repeated
from people.audit import name_of

MAX_BATCH = 100
MAX_PAGE = 100
ERRORS = frozenset({400, 401, 403, 404, 409, 411, 413, 422, 429, 500, 503})

router = Router(auth=Bearer(Scope.SEND), tags=["E-mails"])


def _or_why_not(value: Any, read: Callable[[Any], MessageIn]) -> MessageIn | Refused:
    """Return one message of a batch, or what is wrong with it, so that the others can be looked at too."""
    try:
        return read(value)
    except pydantic.ValidationError as error:
        return unreadable([{**first, "loc": ("item", *first["loc"])} for first in error.errors(include_url=False)])


Attempt = Annotated[MessageIn, WrapValidator(_or_why_not)]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", description="1 to 256 characters")]


class Reschedule(BaseModel):
    scheduled_at: Annotated[str, Field(min_length=1, max_length=scheduled_time.MAX_CHARS)]


class Page(BaseModel):
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    after: UUID | None = None
    before: UUID | None = None


@router.post("", response={200: answers.Id, ERRORS: Error}, summary="Send an e-mail")
def send(request: HttpRequest, message: Annotated[MessageIn, Body()], idempotency_key: IdempotencyKey = None) -> Any:
    return once(request, "/emails", lambda: _accepted(request, [message.prepare(application_of(request))])[0])


@router.post(
    "/batch", response={200: answers.Batch, ERRORS: Error}, exclude_none=True, summary="Send up to 100 e-mails"
)
def batch(
    request: HttpRequest,
    messages: Annotated[list[Attempt], Body(min_length=1, max_length=MAX_BATCH)],
    idempotency_key: IdempotencyKey = None,
    x_batch_validation: Annotated[Literal["strict", "permissive"], Header(alias="x-batch-validation")] = "strict",
) -> Any:
    """Strict: all or none. Permissive: what is right is accepted, and `errors` tells of the rest."""
    act = _permissive if x_batch_validation == "permissive" else _strict
    return once(request, "/emails/batch", lambda: act(request, messages))


@router.get("", response={200: answers.EmailList, ERRORS: Error}, by_alias=True, summary="List e-mails, newest first")
def emails(request: HttpRequest, page: Annotated[Page, Query()]) -> Any:
    found, has_more = _page(_sent(request), page)
    data = [answers.EmailItem.of(email, bytes(email.head or b"")) for email in found]
    return answers.EmailList(has_more=has_more, data=data)


@router.get("/{email_id}", response={200: answers.EmailAnswer, ERRORS: Error}, by_alias=True, summary="Get an e-mail")
def email(request: HttpRequest, email_id: str) -> Any:
    return answers.email_answer(_one(request, email_id))


@router.patch("/{email_id}", response={200: answers.Changed, ERRORS: Error}, summary="Reschedule an e-mail")
def reschedule(request: HttpRequest, email_id: str, change: Annotated[Reschedule, Body()]) -> Any:
    found, at = _one(request, email_id), scheduled_time.read(change.scheduled_at)
    before = str(found.scheduled_at)
    with transaction.atomic():
        if not schedule.reschedule(found, at):
            raise invalid("Only an e-mail whose time has not come yet can be rescheduled.")
        _record(request, "delivery.reschedule", found, "scheduled_at", before, str(at))
    return answers.Changed(id=found.pk)


@router.post("/{email_id}/cancel", response={200: answers.Changed, ERRORS: Error}, summary="Cancel an e-mail")
def cancel(request: HttpRequest, email_id: str) -> Any:
    """What waits is cancelled; what has left already, or is leaving, cannot be."""
    found = _one(request, email_id)
    with transaction.atomic():
        if not schedule.cancel(found):
            raise invalid("This e-mail has left already, or is leaving.")
        _record(request, "delivery.cancel", found, "status", "", Delivery.Status.CANCELLED)
    return answers.Changed(id=found.pk)


def _record(request: HttpRequest, act: str, email: Email, field: str, before: str, after: str) -> None:
    record_repeated(request, act, {"thing": name_of(email), "field": field, "before": before, "after": after})


def _accepted(request: HttpRequest, messages: list[Prepared]) -> list[Answer]:
    return [{"id": str(email.pk)} for email in accept(key_of(request), messages)]


def _strict(request: HttpRequest, messages: Sequence[MessageIn | Refused]) -> Answer:
    prepared, errors = _prepared(request, messages)
    if errors:
        raise invalid(f"E-mail {errors[0]['index']} of the batch: {errors[0]['message']}")
    return {"data": _accepted(request, prepared)}


def _permissive(request: HttpRequest, messages: Sequence[MessageIn | Refused]) -> Answer:
    prepared, errors = _prepared(request, messages)
    return {"data": _accepted(request, prepared), "errors": errors}


def _prepared(request: HttpRequest, messages: Sequence[MessageIn | Refused]) -> tuple[list[Prepared], list[Answer]]:
    """Return what is right, and what is wrong with the rest."""
    application, prepared, errors = application_of(request), list[Prepared](), list[Answer]()
    for index, message in enumerate(messages):
        try:
            if isinstance(message, Refused):
                raise message
            prepared.append(message.prepare(application))
        except (Refused, ValidationError) as error:
            errors.append({"index": index, "message": refusal(error).message})
    return prepared, errors


def _sent(request: HttpRequest) -> QuerySet[Email]:
    """Return what the application has sent for whom it belongs to now: with test keys, or with the others."""
    application = application_of(request)
    mail = Email.objects.filter(application=application, white_label=application.white_label_id)
    return mail.filter(test=key_of(request).test).prefetch_related("deliveries")


def _one(request: HttpRequest, email_id: str) -> Email:
    try:
        return _sent(request).get(pk=UUID(email_id))
    except (Email.DoesNotExist, ValueError):
        raise not_there() from None


def _page(mail: QuerySet[Email], page: Page) -> tuple[list[Any], bool]:
    """Return so many e-mails after one or before it, newest first, and whether there are more in that direction."""
    mail = mail.defer("content").annotate(head=Substr("content", 1, HEAD_BYTES, output_field=BinaryField()))
    if page.before and not page.after:
        mail = mail.filter(_beside(mail, page.before, "gt")).order_by("accepted_at", "id")
    else:
        mail = mail.filter(_beside(mail, page.after, "lt") if page.after else Q()).order_by("-accepted_at", "-id")
    found = list(mail[: page.limit + 1])
    has_more, found = len(found) > page.limit, found[: page.limit]
    return found[::-1] if page.before and not page.after else found, has_more


def _beside(mail: QuerySet[Email], email_id: UUID, side: Literal["lt", "gt"]) -> Q:
    at = mail.filter(pk=email_id).values_list("accepted_at", flat=True).first()
    if at is None:
        raise not_there()
    return Q(**{f"accepted_at__{side}": at}) | Q(**{"accepted_at": at, f"id__{side}": email_id})
