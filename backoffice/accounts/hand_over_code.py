"""The code with which somebody who signed in at the site arrives at a white-label's console: for a minute, and once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from people.models import HandOverCode, User

SECONDS = 60
SALT = "hand-over"


class Passport(TypedDict):
    """What is in a code, signed. `challenge` is of the browser's secret; `proof` changes with password and factors.

    `session` names the row of the session at the site, which opens nothing.
    """

    person: int
    host: str
    challenge: str
    proof: str
    by_organisation: bool
    session: str
    nonce: str


@dataclass(frozen=True)
class Arrival:
    """Who arrives, and with which session at the site; `by_organisation` where that asked for the second factor."""

    person: User
    by_organisation: bool
    session: str


def issue(person: User, *, host: str, challenge: str, by_organisation: bool, session: str) -> str:
    """Return a code for the console at `host`, and for the browser whose secret has this challenge."""
    passport = Passport(
        person=person.pk,
        host=host,
        challenge=challenge,
        proof=_proof(person),
        by_organisation=by_organisation,
        session=session,
        nonce=secrets.token_urlsafe(16),
    )
    code = signing.dumps(passport, salt=SALT)
    HandOverCode.objects.filter(made_at__lt=timezone.now() - timedelta(seconds=SECONDS)).delete()
    HandOverCode.objects.create(hash=_hash(code))
    return code


def use(code: str, *, host: str, secret: str) -> Arrival | None:
    """Use the code up and return whom it brings, None where it does not hold here."""
    if not HandOverCode.objects.filter(hash=_hash(code)).delete()[0]:
        return None
    try:
        passport: Passport = signing.loads(code, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    if passport["host"] != host or not constant_time_compare(passport["challenge"], challenge_of(secret)):
        return None
    person = User.objects.filter(pk=passport["person"], is_active=True).first()
    if person is None or not constant_time_compare(passport["proof"], _proof(person)):
        return None
    return Arrival(person, passport["by_organisation"], passport["session"])


def challenge_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _proof(person: User) -> str:
    return salted_hmac(SALT, person.get_session_auth_hash(), algorithm="sha256").hexdigest()[:32]
