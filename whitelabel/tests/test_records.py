"""DNS records are understood in any usual spelling, and kept in one."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from testing.factories import make_domain
from whitelabel.dns.record import Record
from whitelabel.forms import ROWS_MAX, RecordRows, record_rows, with_another_row
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.records import full_name, plain_value, unquoted


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", "mail.acme.test"),
        ("@", "mail.acme.test"),
        ("s1._domainkey", "s1._domainkey.mail.acme.test"),
        ("S1._domainkey.Mail.Acme.Test", "s1._domainkey.mail.acme.test"),
        ("s1._domainkey.mail.acme.test.", "s1._domainkey.mail.acme.test"),
        ("_dmarc.acme.test", "_dmarc.acme.test"),
        ("bounce.provider.example.", "bounce.provider.example"),
        ("bücher", "xn--bcher-kva.mail.acme.test"),
        ("evilmail.acme.test.x", "evilmail.acme.test.x.mail.acme.test"),
    ],
)
def test_names_become_full(typed: str, name: str) -> None:
    assert full_name(typed, "mail.acme.test") == name


@pytest.mark.parametrize("typed", ["a b", "a..b", "x" * 64, ".".join(["a" * 60] * 5), "a@b", "http://x", "*.x"])
def test_impossible_names_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        full_name(typed, "acme.test")


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("TXT", '"v=spf1 -all"', "v=spf1 -all"),
        ("TXT", '"v=DKIM1; p=abc"\n "def"', "v=DKIM1; p=abcdef"),
        ("TXT", r'"say \"hi\""', 'say "hi"'),
        ("TXT", 'a "quoted" word', 'a "quoted" word'),
        ("CNAME", "Target.Provider.Example.", "target.provider.example"),
        ("MX", "010  MX.Acme.test.", "10 mx.acme.test"),
    ],
)
def test_values_are_kept_plain(kind: str, typed: str, value: str) -> None:
    assert plain_value(kind, typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("TXT", " "), ("TXT", "a\x00b"), ("TXT", "x" * 4001), ("MX", "mx.acme.test"), ("MX", "70000 mx.acme.test")],
)
def test_impossible_values_are_refused(kind: str, typed: str) -> None:
    with pytest.raises(ValidationError):
        plain_value(kind, typed)


@given(st.text(max_size=60))
def test_any_text_is_read_back_from_its_quotes(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert unquoted(f'"{escaped}"') == text or "\n" in text


def posted(*rows: tuple[str, str, str]) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"records-TOTAL_FORMS": str(len(rows)), "records-INITIAL_FORMS": "0"})
    for number, (kind, name, value) in enumerate(rows):
        row = {"type": kind, "name": name, "value": value}
        data.update({f"records-{number}-{key}": text for key, text in row.items()})
    return data


@pytest.fixture
def domain(acme: WhiteLabel) -> SendingDomain:
    return make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)


def test_the_ownership_record_is_not_the_owners_to_change(domain: SendingDomain) -> None:
    mx = Record("MX", "acme.test", "10 mx.acme.test")
    domain.set_records([mx])
    assert {record.expected for record in domain.records.all()} == {domain.ownership_record, mx}
    assert [form.initial.get("name") for form in record_rows(domain).forms] == ["acme.test", None]


def test_empty_rows_are_ignored(domain: SendingDomain) -> None:
    rows = record_rows(domain, posted(("TXT", "", ""), ("MX", "@", "10 mx.acme.test"), ("CNAME", "", "")))
    assert rows.is_valid()
    assert rows.records == [Record("MX", "acme.test", "10 mx.acme.test")]


def test_no_row_at_all_is_a_mistake(domain: SendingDomain) -> None:
    rows = record_rows(domain, posted(("TXT", "", ""), ("TXT", " ", " ")))
    assert not rows.is_valid()
    assert rows.non_form_errors() == ["Give at least one DNS record to publish."]


def test_a_name_without_a_value_is_a_mistake_at_the_value(domain: SendingDomain) -> None:
    rows = record_rows(domain, posted(("TXT", "x", ""), ("SRV", "y", "z")))
    assert not rows.is_valid()
    assert rows.forms[0].errors == {"value": ["Give the value to publish."]}
    assert "type" in rows.forms[1].errors


def test_too_many_rows_are_a_mistake(domain: SendingDomain) -> None:
    rows = record_rows(domain, posted(*[("TXT", "@", str(number)) for number in range(ROWS_MAX + 1)]))
    assert not rows.is_valid()


def test_another_row_keeps_what_was_typed_unjudged(domain: SendingDomain) -> None:
    rows: RecordRows = with_another_row(domain, posted(("MX", "@", "wrong")))
    assert [form["value"].value() for form in rows.forms] == ["wrong", None]
    assert not rows.is_bound
