"""A message as it comes: JSON in the shape of the Resend SDKs, with every bound, and what it is for `delivery.api`."""

import base64
import binascii
import mimetypes
from collections.abc import Iterable
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from delivery import api
from delivery.api import OwnFields, Prepared
from delivery.message import validation
from gateway.http import scheduled_time
from smtp_settings.header_fields import readable
from smtp_settings.mailboxes import mailbox, mailboxes
from whitelabel.models import Application

MAX_TAGS = 50
MAX_TAG_CHARS = 256
UNKNOWN_TYPE = "application/octet-stream"
NOT_OFFERED = ("template", "template_id", "topic_id", "react")
OWN_LINES = ("message-id", "reply-to")  # headers that have a place of their own in `delivery.api`


def _listed(value: Any) -> Any:
    """Read one address, several, or none in any of the ways that clients write it."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str) else value


def _named(value: Any) -> Any:
    return {} if value is None or value == [] else value  # PHP writes an empty object so


def _nothing_is_empty(value: Any) -> Any:
    return "" if value is None else value


def _octets(value: Any) -> bytes:
    """Read a file: base64, a list of octets, or what Node makes of a Buffer."""
    if isinstance(value, dict) and value.get("type") == "Buffer":
        value = value.get("data")
    if isinstance(value, list):
        try:
            return bytes(value)
        except (TypeError, ValueError):
            raise ValueError("a list must be of octets, 0 to 255") from None
    if not isinstance(value, str):
        raise ValueError("this must be base64, or a list of octets")
    return _from_base64(value)


def _from_base64(text: str) -> bytes:
    letters = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("this is not base64") from None


ADDRESS = {"type": "string", "maxLength": validation.MAX_HEADER_CHARS}
OCTETS = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}}
BUFFER = {"type": "object", "properties": {"type": {"const": "Buffer"}, "data": OCTETS}, "required": ["type", "data"]}

Address = Annotated[str, Field(max_length=validation.MAX_HEADER_CHARS)]
Addresses = Annotated[
    list[Address],
    Field(max_length=validation.MAX_RECIPIENTS),
    BeforeValidator(_listed, json_schema_input_type=str | list[Address] | None),
]
Text = Annotated[str, BeforeValidator(_nothing_is_empty, json_schema_input_type=str | None)]
Name = Annotated[str, Field(max_length=validation.MAX_NAME_CHARS)]
Octets = Annotated[bytes, BeforeValidator(_octets), WithJsonSchema({"anyOf": [{"type": "string"}, OCTETS, BUFFER]})]
TagText = Annotated[str, Field(max_length=MAX_TAG_CHARS, pattern=r"^[^\x00-\x1f\x7f]*$")]


class AttachmentIn(BaseModel):
    """`content` is base64, a list of octets, or a Buffer of Node; `content_id` makes it an image that HTML shows."""

    content: Octets
    filename: Name | bool | None = None
    content_type: Name | None = None
    content_id: Name | None = None
    inline_content_id: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _fetch_nothing(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("path") and not values.get("content"):
            raise ValueError("nothing is fetched from a `path`; send the file itself as `content`, in base64")
        return values

    def attachment(self) -> api.Attachment:
        name = self.filename if isinstance(self.filename, str) else ""
        mimetype = self.content_type or mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
        content_id = (self.content_id or self.inline_content_id or "").strip().removeprefix("<").removesuffix(">")
        return api.Attachment(name, self.content, mimetype, content_id)


class Tag(BaseModel):
    name: Annotated[TagText, Field(min_length=1)]
    value: TagText = ""


class MessageIn(BaseModel):
    """Fields that are not named here are ignored. The From header is for the route to decide: see `docs/doors.md`."""

    model_config = ConfigDict(coerce_numbers_to_str=True, serialize_by_alias=True)

    sender: Address = Field(alias="from", min_length=1)
    to: Addresses
    subject: Annotated[str, Field(max_length=validation.MAX_SUBJECT_CHARS)]
    text: Text = ""
    html: Text = ""
    cc: Addresses = []
    bcc: Addresses = []
    reply_to: Addresses = []
    headers: Annotated[dict[str, str], BeforeValidator(_named)] = Field({}, max_length=validation.MAX_HEADERS)
    attachments: Annotated[list[AttachmentIn], BeforeValidator(_listed)] = Field(
        [], max_length=validation.MAX_ATTACHMENTS
    )
    tags: Annotated[list[Tag], BeforeValidator(_listed)] = Field([], max_length=MAX_TAGS)
    scheduled_at: Annotated[Text, Field(max_length=scheduled_time.MAX_CHARS)] = ""

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_is_not_offered(cls, values: Any) -> Any:
        given = [name for name in NOT_OFFERED if isinstance(values, dict) and values.get(name)]
        if given:
            raise ValueError(f"`{given[0]}` is not offered here; send `text` or `html`")
        return values

    def prepare(self, application: Application) -> Prepared:
        """Return the message, rendered. Raises Django's `ValidationError` naming the field."""
        name, address = self._sender()
        lines = {name.lower(): value for name, value in self.headers.items() if name.lower() in OWN_LINES}
        email, recipients = api.prepare(
            application,
            sender_name=name,
            sender_address=address,
            to=_without_blank(self.to),
            cc=_without_blank(self.cc),
            bcc=_without_blank(self.bcc),
            reply_to=_without_blank(self.reply_to) or _answered_to(lines.get("reply-to", "")),
            subject=self.subject,
            text=self.text,
            html=self.html,
            headers={name: value for name, value in self.headers.items() if name.lower() not in OWN_LINES},
            attachments=[item.attachment() for item in self.attachments],
            own_fields=OwnFields(message_id=lines.get("message-id", "").strip()),
            scheduled_at=scheduled_time.read(self.scheduled_at) if self.scheduled_at.strip() else None,
        )
        email.tags = [[tag.name, tag.value] for tag in self.tags]
        return email, recipients

    def _sender(self) -> tuple[str, str]:
        try:
            name, address = mailbox(self.sender)
        except ValueError as error:
            raise ValidationError({"from": f"{error}."}) from error
        if not address:
            raise ValidationError({"from": f"{self.sender[:100]!r} has no address."})
        return name, address


def _answered_to(written: str) -> list[str]:
    """Return the mailboxes in the header Reply-To."""
    try:
        return [readable(name, address) for name, address in mailboxes(written)]
    except ValueError as error:
        raise ValidationError({"headers": f"Reply-To: {error}."}) from error


def _without_blank(values: Iterable[str]) -> list[str]:
    return [value for value in values if value.strip()]
