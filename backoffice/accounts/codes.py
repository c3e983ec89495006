"""The forms that ask for a code of the second factor: guesses are slowed down (see `throttle`)."""

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm

from backoffice.accounts import throttle
from people.models import User


class SlowedMixin:
    user: User

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
