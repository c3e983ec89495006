"""What people type about a sending domain: the request, the records to publish, the reason of a refusal."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from messages.posting import clean_body
from whitelabel.dns.record import Record, Type
from whitelabel.domain_names import acceptable
from whitelabel.models import RecordSet, SendingDomain
from whitelabel.pasting import PASTE_MAX_BYTES, Pasted, PastedRow, read
from whitelabel.records import as_typed, full_name, plain_value

NOTE_MAX_CHARS = 2000
ROWS_MAX = 20
AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class PlainTextField(forms.CharField):
    """Lines of plain text, of at most `NOTE_MAX_CHARS` as people count them."""

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        if not typed:
            return ""
        try:
            text = clean_body(typed)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        if len(text) > NOTE_MAX_CHARS:
            raise ValidationError(f"Write at most {NOTE_MAX_CHARS:,} characters.")
        return text


class DomainRequestForm(forms.Form):
    domain = forms.CharField(
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "example.com", **AS_TYPED}),
        error_messages={"required": "Type a domain such as example.com."},
    )
    note = PlainTextField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Optional: anything the platform should know.",
    )

    def clean_domain(self) -> str:
        return acceptable(self.cleaned_data["domain"])


class RefusalForm(forms.Form):
    reason = PlainTextField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="The white-label reads this.",
        error_messages={"required": "Say why: the white-label reads it."},
    )


class PasteForm(forms.Form):
    """Text from a provider's page; `pasted` is what was read from it once the form is valid."""

    text = forms.CharField(
        label="What the provider shows",
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10, "class": "paste-box", **AS_TYPED}),
        help_text="A table, an e-mail, a zone file, CSV, JSON, YAML or code, also mixed; "
        f"at most {PASTE_MAX_BYTES // 1024} KiB.",
        error_messages={"required": "Paste what the provider's page shows."},
    )

    def __init__(self, *args: Any, domain: SendingDomain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain
        self.pasted = Pasted((), ())

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        self.pasted = read(text, self.domain.domain, spf_now=self.domain.dns_facts.spf)
        if not self.pasted.rows:
            raise ValidationError("No DNS record was recognised in it. Copy the whole table, or type the rows.")
        return text


class RecordSetForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = RecordSet
        fields = ["name"]
        widgets = {"name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})}


class RecordForm(forms.Form):
    """One row, for a record of `domain`; an empty row is ignored. `read_from` is the row of a paste."""

    read_from: PastedRow | None = None

    type = forms.ChoiceField(choices=Type.choices, widget=UnfoldAdminSelectWidget)
    name = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget(attrs=AS_TYPED))
    value = forms.CharField(required=False, widget=UnfoldAdminExpandableTextareaWidget(attrs=AS_TYPED))

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain

    def clean(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        if typed.get("name") or typed.get("value"):
            self._clean_part("name", lambda: full_name(typed["name"], self.domain))
            self._clean_part("value", lambda: plain_value(typed["type"], typed["value"]))
        return self.cleaned_data

    @property
    def record(self) -> Record | None:
        """The record of a valid row, None of an empty one."""
        data = self.cleaned_data
        return Record(data["type"], data["name"], data["value"]) if data.get("value") else None

    def _clean_part(self, name: str, read: Callable[[], str]) -> None:
        if {name, "type"} <= self.cleaned_data.keys():
            try:
                self.cleaned_data[name] = read()
            except ValidationError as error:
                self.add_error(name, error)


class RecordRows(BaseFormSet):  # type: ignore[type-arg]
    """All rows; at least one must be filled in."""

    def clean(self) -> None:
        if not any(self.errors) and not self.records:
            raise ValidationError("Give at least one DNS record to publish.")

    @property
    def records(self) -> list[Record]:
        return [form.record for form in self.forms if form.record]


RecordFormSet: type[RecordRows] = formset_factory(  # type: ignore[assignment]
    RecordForm, formset=RecordRows, extra=1, max_num=ROWS_MAX, absolute_max=ROWS_MAX, validate_max=True
)


def rows_of(domain: SendingDomain, records: Iterable[Record]) -> RecordRows:
    """Return rows with `records` in them, for a person to read; nothing is posted or saved yet."""
    initial = [{**asdict(record), "name": as_typed(record.name, domain.domain)} for record in records]
    return RecordFormSet(prefix="records", initial=initial, form_kwargs={"domain": domain.domain})


def record_rows(domain: SendingDomain, data: QueryDict | None = None) -> RecordRows:
    """Return the rows as posted, else the domain's records; the one that proves ownership is not theirs to change."""
    records = [record.expected for record in domain.records.all()]
    initial = [
        {**asdict(record), "name": as_typed(record.name, domain.domain)}
        for record in records
        if record != domain.ownership_record
    ]
    return RecordFormSet(data, prefix="records", initial=initial, form_kwargs={"domain": domain.domain})


def with_another_row(domain: SendingDomain, data: QueryDict) -> RecordRows:
    """Return the rows as posted, not yet validated, and an empty one."""
    typed = [
        {name: data.get(f"records-{row}-{name}", "") for name in RecordForm.base_fields}
        for row in range(ROWS_MAX)
        if f"records-{row}-value" in data
    ]
    return RecordFormSet(prefix="records", initial=typed, form_kwargs={"domain": domain.domain})
