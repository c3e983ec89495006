"""What the HTTP API answers where it refuses: always JSON, in the shape that the Resend SDKs read."""

import logging
import math
from collections.abc import Iterable
from typing import Any

import pydantic
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Unreadable

from gateway.keys.authentication import KeyStopped
from gateway.provisioning.items import Busy
from whitelabel.domains.lifecycle import DailyLimitReached

AWAY_SECONDS = 10
ASKED_AS = {"sender_name": "from", "sender_address": "from", "mixed_subtype": "attachments"}  # otherwise as we call it
SHAPES = ("function-wrap", "list[", "str", "constrained", "dict[", "nullable")  # pydantic's names of alternatives
KINDS = {  # what pydantic says of these is about our classes
    **dict.fromkeys(("dict_type", "model_attributes_type", "model_type"), "this must be an object"),
    "list_type": "this must be a list",
    "string_type": "this must be text",
}

logger = logging.getLogger(__name__)


class Error(pydantic.BaseModel):
    """The body of every refusal."""

    statusCode: int  # noqa: N815 (as the SDKs spell it)
    name: str
    message: str


class Refused(Exception):
    """`name` is one that the SDKs know; `message` is for a person."""

    def __init__(self, status: int, name: str, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.name, self.message, self.retry_after = status, name, message, retry_after


def invalid(message: str, name: str = "validation_error") -> Refused:
    return Refused(422, name, message)


def not_there() -> Refused:
    """What is absent, and what belongs to somebody else."""
    return Refused(404, "not_found", "There is nothing of this id.")


def not_offered() -> Refused:
    return Refused(404, "not_found", "Nothing is offered at this address.")


def refusal(error: Exception) -> Refused:
    """Return what an exception means for whoever called; what nobody foresaw is logged, and is our fault."""
    match error:
        case Refused():
            return error
        case DailyLimitReached():
            seconds = math.ceil((error.again_at - timezone.now()).total_seconds())
            return Refused(429, "daily_quota_exceeded", sentence(error), retry_after=max(1, seconds))
        case ValidationError():
            return invalid(sentence(error))
        case Unreadable():
            return unreadable(error.errors)
        case AuthenticationError():
            return Refused(401, "missing_api_key", "Send your key as: Authorization: Bearer KEY")
        case KeyStopped():
            return wrong_key()
        case Busy():
            words = "Somebody else provisions at this moment. Try again."
            return Refused(409, "concurrent_idempotent_requests", words, retry_after=1)
        case PermissionDenied():
            return Refused(403, "validation_error", "The application's owner may not do this.")
        case Http404():
            return not_there()
        case HttpError():
            return Refused(error.status_code, "validation_error", "The body is not JSON that can be read.")
        case SuspiciousOperation():
            return Refused(400, "validation_error", "The request is not one that can be read.")
        case UnreadablePostError():
            return Refused(400, "validation_error", "The body ended early.")
        case OperationalError() | InterfaceError():
            logger.error("The outbox is away: %s", error)
            words = "The outbox is away. Try again; with an Idempotency-Key nothing is doubled."
            return Refused(503, "application_error", words, retry_after=AWAY_SECONDS)
    logger.error("A request to the API failed", exc_info=error)
    return Refused(500, "application_error", "Something went wrong here; the log says what.")


def wrong_key() -> Refused:
    """The same for unknown, revoked, expired and stopped keys."""
    return Refused(403, "invalid_api_key", "The key is not valid.")


def sentence(error: ValidationError) -> str:
    """Return what is wrong with which field, as whoever called knows it."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    parts = (_about(ASKED_AS.get(field, field), errors) for field, errors in error.message_dict.items())
    return " ".join(parts)


def _about(field: str, messages: Iterable[str]) -> str:
    words = " ".join(messages)
    return words if field == "__all__" else f"Invalid `{field}` field: {words}"


def unreadable(errors: list[Any]) -> Refused:
    """Return the first thing that is wrong with what pydantic read."""
    first = errors[0]
    source, *path = [str(part) for part in first["loc"]] or ["body"]
    if source == "body":
        path = path[1:]  # the name of our own argument
    field = ".".join(part for part in path if not part.startswith(SHAPES))
    if first["type"] == "missing":
        return invalid(f"Missing `{field}` field." if field else "The body is missing.", "missing_required_field")
    words = KINDS.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
    return invalid(f"Invalid `{field}` field: {words}" if field else words)


def answer(refused: Refused) -> HttpResponse:
    body = Error(statusCode=refused.status, name=refused.name, message=refused.message)
    response = JsonResponse(body.model_dump(), status=refused.status)
    if refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    return response


def install(api: NinjaAPI) -> None:
    """Have `api` answer every exception so."""

    def handle(request: HttpRequest, error: Any) -> HttpResponse:
        return answer(refusal(error))

    for kind in (Exception, Http404, HttpError, Unreadable):
        api.add_exception_handler(kind, handle)
