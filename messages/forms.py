"""What people type to write a message: each mistake gets its sentence at the field."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from messages.models import SUBJECT_MAX_CHARS
from messages.posting import clean_body, clean_subject


class MessageForm(forms.Form):
    """A text; `posting` has the rules, this shows them at the field."""

    rules: Mapping[str, Callable[[str], str]] = {"body": clean_body}

    body = forms.CharField(
        label="Message", required=False, strip=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 7})
    )

    def clean(self) -> dict[str, Any]:
        for name in self.rules.keys() & self.cleaned_data.keys():
            self._apply(name, self.rules[name])
        return self.cleaned_data

    def _apply(self, name: str, rule: Callable[[str], str]) -> None:
        try:
            self.cleaned_data[name] = rule(self.cleaned_data[name])
        except ValidationError as error:
            self.add_error(None, error)


class ConversationForm(MessageForm):
    """A text about something that is on the same page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].label = "Write a message"


class NewMessageForm(MessageForm):
    rules = {"subject": clean_subject, "body": clean_body}

    subject = forms.CharField(
        required=False, strip=False, widget=UnfoldAdminTextInputWidget(attrs={"maxlength": SUBJECT_MAX_CHARS})
    )

    field_order = ["receiver", "subject", "body"]
