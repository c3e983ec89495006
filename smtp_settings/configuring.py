"""Store and switch the server of a place. Nothing in use is touched before what replaces it has passed its check."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from smtp_settings import scope as places
from smtp_settings.choices import State
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.scope import Place

# What is to be done once a server has passed its check, with the server's key: its mail may go on.
releases: list[Callable[[str], object]] = []
# Who writes down what a check has stored: the check, and the server's values before and after.
witnesses: list[Callable[[SmtpCheck, Mapping[str, Any], Mapping[str, Any]], object]] = []


def apply(check: SmtpCheck, secret: str) -> bool:
    """Store what has just passed, unless a newer check wants another thing or the place was changed meanwhile."""
    newer = SmtpCheck.objects.filter(tenant=check.tenant, pk__gt=check.pk).exclude(change={})
    place = places.find(check.tenant, check.change["beside"])
    if place is None or newer.exists() or place.version != check.change["version"]:
        return False
    candidate = place.candidate()
    before = place.server.typed_values if place.server else {}
    for name, value in check.values.items():
        setattr(candidate, name, value)
    _store(place, candidate, secret, State.VERIFIED, switched_on=check.change["switched_on"])
    for witness in witnesses:
        witness(check, before, candidate.typed_values)
    for release in releases:
        release(candidate.key)
    return True


def keep_as_draft(*, place: Place, candidate: SmtpServer, secret: str) -> None:
    """Store `candidate` unchecked; the place is switched off with it."""
    _store(place, candidate, secret, State.DRAFT, switched_on=False)


def forget_secret(*, place: Place) -> None:
    """Clear the stored secret; a server that signs in is a draft without it, and switched off."""
    if place.server:
        _store(place, place.candidate(), "", State.DRAFT, switched_on=False)


def remove(*, place: Place) -> None:
    """Take the server away from the place and delete it, its secret included."""
    if place.server:
        with transaction.atomic():
            place.attach(None, False)
            place.server.delete()


def _store(place: Place, candidate: SmtpServer, secret: str, state: State, *, switched_on: bool) -> None:
    """Write the server, its secret sealed for where it is now, and the switch, all or nothing."""
    candidate.seal_secret(secret)
    candidate.state, candidate.pause_reason = state, ""
    with transaction.atomic():
        candidate.save()
        place.attach(candidate, switched_on)
