"""A migration that changes the codes of a column changes what the database takes."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection

from tables.fields import ChoiceField
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


def column_of(*codes: str) -> ChoiceField:
    column = ChoiceField(choices=[(code, code) for code in codes], max_length=10)
    column.set_attributes_from_name("mail_option")
    column.model = WhiteLabel
    return column


NOW, EARLIER = column_of("PLATFORM", "OWN"), column_of("PLATFORM")


def alter(old: ChoiceField, new: ChoiceField) -> None:
    with connection.schema_editor() as editor:
        editor.alter_field(WhiteLabel, old, new)


@pytest.fixture
def earlier(acme: WhiteLabel) -> Iterator[None]:
    """The column as an earlier version had it, without a code."""
    alter(NOW, EARLIER)
    yield
    alter(EARLIER, NOW)


@pytest.mark.usefixtures("earlier")
def test_a_code_that_a_column_lost_is_refused() -> None:
    with pytest.raises(IntegrityError):
        WhiteLabel.objects.update(mail_option="OWN")


@pytest.mark.usefixtures("earlier")
def test_a_code_that_a_column_got_is_taken() -> None:
    alter(EARLIER, NOW)
    assert WhiteLabel.objects.update(mail_option="OWN") == 1
    WhiteLabel.objects.update(mail_option="PLATFORM")
    alter(NOW, EARLIER)
