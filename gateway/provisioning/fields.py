"""The fields of an item as a client writes them, with the bounds of their columns; every door reads items so."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.provisioning.items import Item, Kind
from people.models import User
from people.models.provisioned import REF_CHARS
from whitelabel.models import Application, WhiteLabel
from whitelabel.models.application import MOST_A_DAY

MAX_ADMINS = 500

Ref = Annotated[str, Field(min_length=1, max_length=REF_CHARS)]


def _text(model: type[Any], name: str) -> Any:
    return Field(max_length=model._meta.get_field(name).max_length)


class Fields(BaseModel):
    """What is left out stays as it is. Fields that are not named here are ignored."""

    model_config = ConfigDict(str_strip_whitespace=True)

    def item(self, ref: str, at: int = 0) -> Item:
        return Item(ref, self.model_dump(exclude_unset=True, exclude={"ref"}), at)


class PersonFields(Fields):
    email: Annotated[str, _text(User, "email")] = ""
    name: Annotated[str, _text(User, "name")] = ""


class WhiteLabelFields(Fields):
    """`admins` are references of people; admins of whom the platform has no reference stay."""

    name: Annotated[str, _text(WhiteLabel, "name")] = ""
    brand_name: Annotated[str, _text(WhiteLabel, "brand_name")] = ""
    brand_colour: Annotated[str, _text(WhiteLabel, "brand_colour")] = ""
    console_host: Annotated[str, _text(WhiteLabel, "console_host")] | None = None
    admins: Annotated[list[Ref], Field(max_length=MAX_ADMINS)] = []


class ApplicationFields(Fields):
    """`owner` is the reference of a person; `white_label` that of a white-label, null for the platform's own."""

    name: Annotated[str, _text(Application, "name")] = ""
    owner: Annotated[str, Field(max_length=REF_CHARS)] = ""
    white_label: Annotated[str, Field(max_length=REF_CHARS)] | None = None
    sender_name: Annotated[str, _text(Application, "sender_name")] = ""
    sender_address: Annotated[str, _text(Application, "sender_address")] = ""
    daily_limit: Annotated[int, Field(ge=0, le=MOST_A_DAY)] = 0


class Person(PersonFields):
    ref: Ref


class OneWhiteLabel(WhiteLabelFields):
    ref: Ref


class OneApplication(ApplicationFields):
    ref: Ref


LISTED: dict[Kind, type[Fields]] = {
    Kind.PEOPLE: Person,
    Kind.WHITE_LABELS: OneWhiteLabel,
    Kind.APPLICATIONS: OneApplication,
}
