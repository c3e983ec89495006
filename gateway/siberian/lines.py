"""What the queries of `docs/siberian.md` print: a JSON object a line, each about one thing."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _text(value: Any) -> Any:
    return "" if value is None else value


def _zero(value: Any) -> Any:
    return 0 if value in (None, "") else value


Text = Annotated[str, BeforeValidator(_text)]
Secret = Annotated[SecretStr, BeforeValidator(_text)]
MAX_ID = 2**64 - 1  # BIGINT UNSIGNED
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
MaybeId = Annotated[int, BeforeValidator(_zero), Field(ge=0, le=MAX_ID)]  # 0 and NULL are nobody
Switch = Annotated[bool, BeforeValidator(_zero)]


class Part(BaseModel):
    """NULL is read as an empty text; what is wrong with a value is told without the value."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)


class Credentials(Part):
    """An SMTP server as Siberian has it, for Zend_Mail_Transport_Smtp (Zend Framework 1)."""

    server: Text = ""
    port: Text = ""
    ssl: Text = ""
    auth: Text = ""
    username: Text = ""
    password: Secret = SecretStr("")
    sender_name: Text = ""
    sender_email: Text = ""


class Line(Part):
    number: int = 0  # of the line in the file

    @property
    def id(self) -> int:
        """The id that Siberian has for it."""
        raise NotImplementedError

    @property
    def thing(self) -> str:
        """Its name in notes."""
        raise NotImplementedError


class PlatformLine(Line, Credentials):
    """Settings > Communication: the switch and the sender of `system_config`, the server of `api_key`."""

    kind: Literal["platform"]
    enable_custom_smtp: Switch = False
    support_name: Text = ""
    support_email: Text = ""

    @property
    def id(self) -> int:
        return 0

    @property
    def thing(self) -> str:
        return "the platform"


class PersonLine(Line):
    """A row of `admin`; `parent_id` is the admin whose sub-account it is."""

    kind: Literal["person"]
    admin_id: Id
    parent_id: MaybeId = 0
    email: Text = ""
    firstname: Text = ""
    lastname: Text = ""

    @property
    def id(self) -> int:
        return self.admin_id

    @property
    def thing(self) -> str:
        return f"admin {self.admin_id}"

    @property
    def name(self) -> str:
        return f"{self.firstname} {self.lastname}".strip()


class WhiteLabelLine(Line):
    """A row of `whitelabel_editor`, which Siberian looks up by the id of its admin."""

    kind: Literal["white_label"]
    admin_id: Id
    host: Text = ""
    name: Text = ""
    is_active: Switch = True
    enable_custom_smtp: Switch = False
    smtp_credentials: Any = Field(default=None, repr=False)  # a JSON object, or a text with one

    @property
    def id(self) -> int:
        return self.admin_id

    @property
    def thing(self) -> str:
        return f"white-label of admin {self.admin_id}"


class ApplicationLine(Line):
    """A row of `application`; `other_admins` counts those who manage it and do not own it."""

    kind: Literal["application"]
    app_id: Id
    admin_id: MaybeId = 0
    name: Text = ""
    is_active: Switch = True
    enable_custom_smtp: Switch = False
    other_admins: MaybeId = 0

    @property
    def id(self) -> int:
        return self.app_id

    @property
    def thing(self) -> str:
        return f"application {self.app_id}"


AnyLine = Annotated[PlatformLine | PersonLine | WhiteLabelLine | ApplicationLine, Field(discriminator="kind")]
