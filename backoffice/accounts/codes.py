"""The forms that ask for a code of the second factor: guesses are slowed down (see `throttle`)."""

import time
from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django import forms

from backoffice.accounts import throttle
from people.models import User

CODE_LABEL = "Code from your app, or a recovery code"
SHOWN_AT = "totp_shown_at"
SHOWN_SECONDS = 1800  # an app that was set up by a picture goes on fitting, also where the password was asked for again


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


class SetUpForm(ActivateTOTPForm):
    """The first code of an app; the key stays the same for a while, whatever is typed and however often it is shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        shown, shown_at = session.get(SECRET_SESSION_KEY), session.get(SHOWN_AT, 0)
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code from your app"
        self.fields["code"].widget.attrs["placeholder"] = ""
        if shown and time.time() - shown_at < SHOWN_SECONDS:
            self.secret = session[SECRET_SESSION_KEY] = shown
        elif not self.is_bound:
            session[SHOWN_AT] = time.time()
