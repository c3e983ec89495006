"""Links at which people choose a password: how one is asked for, which open allauth's page, and what follows."""

from typing import Any

from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from allauth.account.views import PasswordResetFromKeyView
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from backoffice.accounts import known_device
from backoffice.accounts.adapter import ADDRESS_LABEL
from backoffice.profile.forms import ADDRESS_CHARS
from backoffice.profile.passwords import LabelledMixin
from delivery.outbox import broker
from people.models import PasswordReset, User
from people.tokens import INVITATION, PASSWORD_RESET

ANSWER = "backoffice.tasks.answer_password_reset"


class ForgottenForm(ResetPasswordForm):
    """Ask for a new password. Whoever asks must not learn, by the time it takes either, whether there is an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = ADDRESS_LABEL
        self.fields["email"].widget.attrs["placeholder"] = ""
        self.fields["email"].validators.append(MaxLengthValidator(ADDRESS_CHARS))

    def clean_email(self) -> str:
        return User.normalize_username(str(self.cleaned_data["email"])).strip().lower()[:ADDRESS_CHARS]

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Leave the rest to a worker; where the broker is away, a sweep finds the row."""
        reset = PasswordReset.objects.create(email=self.cleaned_data["email"])
        transaction.on_commit(lambda: broker.start(ANSWER, reset.pk))
        return reset.email


class ChooseForm(LabelledMixin, ResetPasswordKeyForm):
    labels = {"password1": "Password", "password2": "Password again"}


class LinkForm(UserTokenForm):
    """What a link brings: the token of an invitation or of a reset, each with its own time."""

    def clean(self) -> dict[str, Any]:
        key = f"{self.cleaned_data.get('uidb36', '')}-{self.cleaned_data.get('key', '')}"
        self.reset_user = _locked_person_of(key)
        if self.reset_user is None:
            raise forms.ValidationError("This link has expired or was used.")
        return self.cleaned_data


def _locked_person_of(key: str) -> User | None:
    """Return whose link it is, locked, so that of two who use it at once the later one finds it used; else None."""
    person = _person_of(key)
    return _person_of(key) if person and User.objects.select_for_update().filter(pk=person.pk) else None


def _person_of(key: str) -> User | None:
    people = (tokens.person_of(key) for tokens in (PASSWORD_RESET, INVITATION))
    return next((person for person in people if person), None)


class ChooseView(PasswordResetFromKeyView):
    """As allauth's; where the password is all that a sign-in takes, the device is known from here on.

    So whoever lost it, as while strangers guess at it, is not held up by them at the sign-in that follows.
    """

    def form_valid(self, form: ChooseForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if not is_mfa_enabled(self.reset_user):
            known_device.remember(self.request, response, self.reset_user)
        return response


choose = transaction.atomic(ChooseView.as_view())
