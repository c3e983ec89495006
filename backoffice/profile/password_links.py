"""Links at which people choose a password: how one is asked for, and which open allauth's page."""

from typing import Any

from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from allauth.account.views import password_reset_from_key
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest

from backoffice.accounts.adapter import ADDRESS_LABEL
from backoffice.profile.forms import ADDRESS_CHARS
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


class ChooseForm(ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("password1", "Password"), ("password2", "Password again")):
            self.fields[name].label = label
            self.fields[name].widget.attrs["placeholder"] = ""


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


choose = transaction.atomic(password_reset_from_key)
