"""Names that mail carries in its header are one line, wherever they are typed."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Field, Model

from people.models import User
from phrases.names import in_header, one_line
from smtp_settings.models import Communication, SmtpServer
from whitelabel.models import Application, WhiteLabel

FIELDS = [
    (Application, "name"), (Application, "sender_name"), (WhiteLabel, "name"), (WhiteLabel, "brand_name"),
    (SmtpServer, "sender_name"), (Communication, "support_name"), (User, "name"),
]  # fmt: skip
EVIL = ["x\r\nBcc: v@evil.test", "next\u0085line", "line\u2028separator", "nul\x00", "bell\x07"]
TURNS = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_a_name_of_two_lines_is_refused_at_its_field(model: type[Model], name: str, evil: str) -> None:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    with pytest.raises(ValidationError):
        field.clean(evil, None)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_a_name_that_turns_the_letters_around_is_refused_at_its_field(model: type[Model], name: str, turn: str) -> None:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    with pytest.raises(ValidationError, match="order of letters"):
        field.clean(f"{turn}emcA", None)


@pytest.mark.parametrize("said", ["متجر\u200f!", "חנות\u200e (Acme)", "می\u200cخواهم"])
def test_marks_and_joiners_that_names_of_some_scripts_need_stay(said: str) -> None:
    one_line(said)


def test_subjects_may_have_what_turns_letters_around() -> None:
    in_header("\u2067חנות\u2069: Acme")
