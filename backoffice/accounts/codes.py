"""The forms that ask for a code of the second factor: guesses are slowed down (see `throttle`)."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms

from backoffice.accounts import throttle
from people.models import User

CODE_LABEL = "Code from your app, or a recovery code"


class SlowedMixin(forms.Form):
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = CODE_LABEL
        self.fields["code"].widget.attrs["placeholder"] = ""

    def clean_code(self) -> str:
        """Return the code if it is right; raises `throttle.SlowDown`."""
        lanes = throttle.for_code(context.request, self.user)
        throttle.enter(lanes)
        code: str = super().clean_code()  # type: ignore[misc]
        throttle.succeed(lanes)
        return code


class CodeForm(SlowedMixin, AuthenticateForm):
    pass


class CodeAgainForm(SlowedMixin, ReauthenticateForm):
    pass
