"""Tokens of links in e-mails: each for one purpose and one person, for some time, and until it was used.

A token is an HMAC over what its use changes, made and compared by Django; nothing of it is stored. It ends when the
password, the address or the last sign-in changes, and when the person may not sign in any more.
"""

from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int, int_to_base36

from people.models import EmailChange, User


class Tokens(PasswordResetTokenGenerator):
    """Of one purpose. A link carries a key: the person's number, and the token (`key_for`, `person_of`).

    `settings.PASSWORD_RESET_TIMEOUT`, which Django asks too, is the longest that any purpose lasts.
    """

    def __init__(self, purpose: str, lasts: timedelta) -> None:
        super().__init__()
        self.key_salt = f"people.tokens.{purpose}"
        self.lasts = lasts

    def key_for(self, person: User) -> str:
        return f"{int_to_base36(person.pk)}-{self.make_token(person)}"

    def person_of(self, key: str) -> User | None:
        """Return whose key it is; None where it opens nothing, any more or ever."""
        number, _, token = key.partition("-")
        try:
            person = User.objects.filter(pk=base36_to_int(number)).first()
        except (ValueError, OverflowError):
            return None
        return person if self.check_token(person, token) else None

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not user.is_active or not super().check_token(user, token):
            return False
        made, _, _ = str(token).partition("-")
        return self._num_seconds(self._now()) - base36_to_int(made) <= self.lasts.total_seconds()

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        """Add when the person was last invited: a newer invitation ends the former."""
        return f"{super()._make_hash_value(user, timestamp)}{user.invited_at}"


class EmailChangeTokens(Tokens):
    """Of a change of address: they outlast a sign-in, and end when another change is asked for or this one is over."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        change = EmailChange.objects.filter(person=user).first()
        asked = f"{change.email}{change.asked_at}" if change else ""
        return f"{user.pk}{user.password}{user.email}{asked}{timestamp}"


INVITATION = Tokens("invitation", timedelta(days=7))
PASSWORD_RESET = Tokens("password reset", timedelta(hours=1))
NEW_ADDRESS = EmailChangeTokens("new address", EmailChange.LASTS)
FORMER_ADDRESS = EmailChangeTokens("former address", EmailChange.LASTS)
