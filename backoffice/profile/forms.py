"""What people type about themselves: each mistake gets its sentence at the field."""

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from people import time_zones
from people.models import NoticeKind, User

ADDRESS_CHARS = 254  # RFC 5321 4.5.3.1.3
ZONE_LIST = "time-zones"  # id of the list that the page brings


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": "Name"}
        help_texts = {"name": "As colleagues see it, and as e-mails greet you."}
        widgets = {"name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "name"})}


class LocaleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Language and time zone; the language is asked for only where there is a choice."""

    language = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = User
        fields = ["language", "time_zone"]
        labels = {"time_zone": "Time zone"}
        help_texts = {"time_zone": "Start typing the name of a city, for example Berlin."}
        widgets = {"time_zone": UnfoldAdminTextInputWidget(attrs={"list": ZONE_LIST, "autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        self.initial["language"] = self.instance.language or settings.LANGUAGE_CODE
        self.fields["time_zone"].required = False
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]

    def clean_time_zone(self) -> str:
        """Return a name of the list; that of the form alone, as a stored one may be gone from a newer list."""
        name = time_zones.spelled(self.cleaned_data["time_zone"]) or time_zones.UTC
        if not time_zones.is_known(name):
            raise forms.ValidationError("Choose a time zone from the list, for example Europe/Berlin.")
        return name


class NoticesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = NoticeKind.values
        labels = {kind.value: kind.label for kind in NoticeKind}
        widgets = {kind.value: UnfoldAdminSelectWidget for kind in NoticeKind}


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="New e-mail address",
        max_length=ADDRESS_CHARS,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"}),
        error_messages={"required": "Type the new address."},
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        """Write the address as it is compared; whether somebody else has it is not said here."""
        email = User.normalize_username(self.cleaned_data["email"]).strip().lower()
        User._meta.get_field("email").run_validators(email)
        if email == self.person.email:
            raise forms.ValidationError("You sign in with this address already.")
        return email
