"""What people type about a new key."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from gateway import networks
from gateway.choices import Scope
from gateway.models import Key
from whitelabel.models import Application


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """`applications` are those that the person may choose. Without `for_platform`, one of them must be chosen."""

    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=[Scope.SEND.value],
        error_messages={"required": "Choose what the key may do."},
    )
    networks = forms.CharField(
        label="Only from these networks",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "placeholder": "203.0.113.0/24", "spellcheck": "false"}),
        help_text="Optional. Addresses or networks, with blanks or line breaks in between. Empty: from anywhere.",
    )

    class Meta:
        model = Key
        fields = ["application", "name", "scopes", "ends_on", "networks", "test"]
        labels = {"ends_on": "Expires after", "test": "Test key"}
        help_texts = {
            "name": "Where it will be used, so that you know later which to revoke. For example: Shop server.",
            "ends_on": "Optional. The last day (UTC) on which it works; we remind you a week before.",
            "test": "Messages are accepted, checked and logged, but never sent.",
        }
        widgets = {
            "name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            "ends_on": UnfoldAdminTextInputWidget(attrs={"type": "date"}),
            "test": UnfoldBooleanSwitchWidget,
        }

    def __init__(
        self,
        data: Any = None,
        *,
        applications: "QuerySet[Application]",
        chooser: forms.Widget,
        for_platform: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        field: Any = self.fields["application"]
        field.queryset, field.widget, field.required = applications, chooser, not for_platform
        field.error_messages["required"] = "Choose the application that the key is for."
        field.widget.choices = field.choices
        if for_platform:
            field.help_text = "Leave it empty for a key of the platform itself, which only provisions."
        scopes: Any = self.fields["scopes"]
        scopes.choices = [choice for choice in Scope.choices if for_platform or choice[0] != Scope.PROVISION]

    def _post_clean(self) -> None:
        """Ask the model only about what can be understood: one mistake is not told twice."""
        if not self.errors:
            super()._post_clean()  # type: ignore[misc]

    def clean_scopes(self) -> str:
        return " ".join(sorted(self.cleaned_data["scopes"]))

    def clean_networks(self) -> str:
        try:
            return networks.read(self.cleaned_data["networks"])
        except ValidationError as error:
            raise ValidationError(error.messages) from error
