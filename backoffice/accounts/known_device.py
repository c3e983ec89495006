"""Devices that have signed in before: a signed cookie that says as whom, until the password or a second factor changes.

It opens nothing. It only keeps strangers who guess at an account from delaying its holder (see `throttle`).
"""

import secrets
from typing import TypedDict

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from people.models import User

SALT = "known device"
AGE_SECONDS = 180 * 24 * 3600
ACCOUNTS_MAX = 5  # of one browser


class Entry(TypedDict):
    """`proof` changes with the password and the factors of the person; `device` is random."""

    person: int
    device: str
    proof: str


def of_address(request: HttpRequest, email: str) -> str:
    """Return the device's name for the account of `email`, "" where it is not known; asks the database if it may be."""
    entries = _entries(request)
    person = User.objects.filter(email__iexact=email.strip(), pk__in=[entry["person"] for entry in entries]).first()
    return of_person(request, person) if entries and person else ""


def of_person(request: HttpRequest, person: User) -> str:
    """Return the device's name for the account of `person`, "" where it has not signed in as them."""
    mine = [entry for entry in _entries(request) if entry["person"] == person.pk]
    hashes = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()] if mine else []
    known = (entry for entry in mine for old in hashes if constant_time_compare(entry["proof"], _proof(old)))
    return next((entry["device"] for entry in known), "")


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Let the browser say from now on that it has signed in as `person`."""
    device = of_person(request, person) or secrets.token_urlsafe(16)
    own = Entry(person=person.pk, device=device, proof=_proof(person.get_session_auth_hash()))
    others = [entry for entry in _entries(request) if entry["person"] != person.pk]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([own, *others][:ACCOUNTS_MAX], salt=SALT),
        max_age=AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _entries(request: HttpRequest) -> list[Entry]:
    try:
        entries: list[Entry] = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=AGE_SECONDS
        )
    except signing.BadSignature:
        return []
    return entries


def _proof(session_hash: str) -> str:
    return salted_hmac(SALT, session_hash, algorithm="sha256").hexdigest()[:32]
