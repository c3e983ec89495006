"""The column of a phrase, on the audit log's."""

from typing import Any

import pytest
from django.core import serializers

from people.models import AuditEntry
from phrases.field import PhraseField
from phrases.phrase import Phrase

pytestmark = pytest.mark.django_db
GREETING = Phrase("Hello %(name)s", {"name": "Dana"})


def stored(detail: Phrase | None) -> AuditEntry:
    made = AuditEntry.objects.create(act="test", detail=detail)
    return AuditEntry.objects.get(pk=made.pk)


def test_a_phrase_is_read_as_it_was_written() -> None:
    assert stored(GREETING).detail == GREETING
    assert stored(None).detail is None


def test_lookups_see_the_stored_json() -> None:
    stored(GREETING)
    assert AuditEntry.objects.filter(detail__message="Hello %(name)s").count() == 1
    assert AuditEntry.objects.filter(detail=GREETING).count() == 1
    assert AuditEntry.objects.filter(detail__isnull=True).count() == 0
    assert AuditEntry.objects.values_list("detail__parameters__name", flat=True).get() == "Dana"


def test_it_is_valid_and_survives_a_dump() -> None:
    entry = stored(GREETING)
    assert PhraseField().clean(GREETING, entry) == GREETING
    (loaded,) = serializers.deserialize("json", serializers.serialize("json", [entry]))
    assert vars(loaded.object)["detail"] == GREETING


@pytest.mark.parametrize("raw", ["7", '"text"', "{", "[" * 100_000, '{"count": 1' + "0" * 5000 + "}"])
def test_what_no_phrase_can_be_reads_as_an_empty_one(raw: str) -> None:
    field: Any = PhraseField()
    assert field.from_db_value(raw, None, None) == Phrase("")
