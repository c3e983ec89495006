"""Store, switch and check the server of a place. Nothing in use is touched before what replaces it has passed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models, transaction

from smtp_settings import preflight
from smtp_settings.choices import State
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.place import Place
from smtp_settings.preflight import Step


@dataclass(frozen=True)
class Checked:
    """What a check found, and whether the server that was checked is stored as verified."""

    stored: bool
    steps: tuple[Step, ...]

    @property
    def failed_step(self) -> Step | None:
        return next((step for step in self.steps if not step.ok), None)


def check_and_store(
    *, place: Place, candidate: SmtpServer, secret: str, switched_on: bool, person: models.Model
) -> Checked:
    """Check `candidate`; store and switch it only when it passes."""
    steps = _check(candidate, secret, person)
    passed = preflight.passed(steps)
    if passed:
        _store(place, candidate, secret, State.VERIFIED, switched_on=switched_on)
    return Checked(passed, tuple(steps))


def check_again(*, place: Place, secret: str, person: models.Model) -> Checked:
    """Check the stored server as it is; when it passes, a draft is verified, a paused one released."""
    assert place.server is not None
    steps = _check(place.server, secret, person)
    return Checked(preflight.passed(steps) and place.server.mark_verified(), tuple(steps))


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


def record(server: SmtpServer, kind: SmtpCheck.Kind, person: models.Model, steps: Sequence[Step]) -> SmtpCheck:
    return SmtpCheck.objects.create(
        tenant=server.tenant,
        destination=str(server),
        kind=kind,
        person_id=person.pk,
        ok=preflight.passed(steps),
        steps=[step.as_json() for step in steps],
    )


def _check(server: SmtpServer, secret: str, person: models.Model) -> list[Step]:
    steps = preflight.run(server, secret)
    record(server, SmtpCheck.Kind.PREFLIGHT, person, steps)
    return steps


def _store(place: Place, candidate: SmtpServer, secret: str, state: State, *, switched_on: bool) -> None:
    """Write the server, its secret sealed for where it is now, and the switch, all or nothing."""
    candidate.seal_secret(secret)
    candidate.state, candidate.pause_reason = state, ""
    with transaction.atomic():
        candidate.save()
        place.attach(candidate, switched_on)
