"""The forms in which somebody who is signed in types a password: allauth's, with labels of ours."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ReauthenticateForm, SetPasswordForm
from django import forms


class LabelledMixin(forms.Form):
    labels: dict[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs["placeholder"] = ""


class ChangeForm(LabelledMixin, ChangePasswordForm):
    labels = {"oldpassword": "Present password", "password1": "New password", "password2": "New password again"}

    def clean_oldpassword(self) -> str:
        """Return the present password if it is right: guesses are slowed down and recorded as at the sign-in.

        Raises `throttle.SlowDown`.
        """
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class FirstForm(LabelledMixin, SetPasswordForm):
    labels = {"password1": "Password", "password2": "Password again"}


class ConfirmForm(LabelledMixin, ReauthenticateForm):
    """Who is signed in types the password once more."""

    labels = {"password": "Password"}
