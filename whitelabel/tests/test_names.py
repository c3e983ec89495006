"""Names that mail carries in its header are one line, wherever they are typed."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Field, Model

from people.models import User
from smtp_settings.models import Communication, SmtpServer
from whitelabel.models import Application, WhiteLabel

FIELDS = [
    (Application, "name"), (Application, "sender_name"), (WhiteLabel, "name"), (WhiteLabel, "brand_name"),
    (SmtpServer, "sender_name"), (Communication, "support_name"), (User, "name"),
]  # fmt: skip
EVIL = ["x\r\nBcc: v@evil.test", "next\u0085line", "line\u2028separator", "nul\x00", "bell\x07"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_a_name_of_two_lines_is_refused_at_its_field(model: type[Model], name: str, evil: str) -> None:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    with pytest.raises(ValidationError):
        field.clean(evil, None)
