"""Have a worker check a server or send a test e-mail through it: the web process waits for no stranger's server.

`start` stores what is to be tried and tells a worker; `run` is the worker's part and writes down each step as it ends.
The session has a deadline of its own, and a check that is not finished within a minute is given up and changes nothing.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from smtp_settings import configuring
from smtp_settings.checks import preflight, sample_mail
from smtp_settings.checks.preflight import Act
from smtp_settings.choices import State
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.models.check import CHECKS_PER_HOUR, TESTS_PER_DAY, TESTS_PER_HOUR
from smtp_settings.scope import Scope
from smtp_settings.sealing import CannotOpen

logger = logging.getLogger(__name__)

NO_BROKER = (
    "No worker could be told, because the broker does not answer. Nothing was tried and nothing was changed; whoever "
    "runs the installation should look at it."
)
LIMITS = {
    SmtpCheck.Kind.PREFLIGHT: f"You may check servers {CHECKS_PER_HOUR} times an hour. Try again later.",
    SmtpCheck.Kind.TEST: f"You may send {TESTS_PER_HOUR} test e-mails an hour and {TESTS_PER_DAY} a day. "
    "Try again later.",
}


class TooMany(Exception):
    """The person has used up their checks or test e-mails for now; the text says so."""


def start(
    kind: SmtpCheck.Kind,
    server: SmtpServer,
    secret: str,
    person: models.Model,
    change: Mapping[str, Any] | None = None,
) -> SmtpCheck:
    """Have `server` tried, as it is here and not as it is stored; raises `TooMany`."""
    from smtp_settings.tasks import run_check

    check = _reserve(
        kind,
        person,
        scope_key=server.scope_key,
        policy=server.policy,
        destination=str(server),
        values=server.typed_values,
        change=change or {},
    )
    check.seal_secret(secret)
    try:
        run_check.apply_async((check.pk,), expires=60)
    except (OperationalError, RedisError) as error:
        logger.warning("No worker could be told of a check: %s", error)
        check.give_up(NO_BROKER)
    check.refresh_from_db()
    return check


def check_and_store(
    *,
    scope: Scope,
    candidate: SmtpServer,
    secret: str,
    switched_on: bool,
    person: models.Model,
    beside: Mapping[str, Any] | None = None,
) -> SmtpCheck:
    """Have `candidate` checked; it is stored and switched when it passes and nobody changed the scope meanwhile."""
    change = {"switched_on": switched_on, "beside": beside or {}, "version": scope.version}
    return start(SmtpCheck.Kind.PREFLIGHT, candidate, secret, person, change)


def check_again(*, scope: Scope, secret: str, person: models.Model) -> SmtpCheck:
    """Have the stored server checked as it is; when it passes, a draft is verified, a paused one released."""
    assert scope.server is not None
    paused = scope.server.state == State.PAUSED
    change = {"switched_on": scope.in_use, "beside": {}, "version": scope.version, "again": True, "paused": paused}
    return start(SmtpCheck.Kind.PREFLIGHT, scope.candidate(), secret, person, change)


def count_test(person: models.Model, *, about: str, destination: str) -> None:
    """Count a test e-mail that goes through the outbox and tries no server by itself; raises `TooMany`.

    `about` says what it is a test of, for example "application:7".
    """
    _reserve(SmtpCheck.Kind.TEST, person, scope_key=about, destination=destination, status=SmtpCheck.Status.PASSED)


def _reserve(kind: SmtpCheck.Kind, person: models.Model, **values: Any) -> SmtpCheck:
    """Count it before it is tried: two at the same moment must not both be the last that is allowed."""
    with transaction.atomic():
        get_user_model()._default_manager.select_for_update().get(pk=person.pk)
        if not SmtpCheck.objects.may_start(person, kind):
            raise TooMany(LIMITS[kind])
        return SmtpCheck.objects.create(kind=kind, person_id=person.pk, **values)


def run(check: SmtpCheck) -> None:
    """Take the check up, unless somebody else has, and bring it to its end."""
    if not check.begin():
        return
    try:
        secret = check.open_secret()
    except CannotOpen as error:
        check.give_up(str(error))
        return
    with preflight.session_for(check.server, secret) as session:
        for step in preflight.walk(session, _acts(check)):
            check.add_step(step.as_json())
    _end(check, secret, session.transcript)


def _end(check: SmtpCheck, secret: str, transcript: list[str]) -> None:
    """Write down how it ended and store what it was for, all or nothing."""
    passed = not check.failed_step
    with transaction.atomic():
        if check.finish(ok=passed, transcript=transcript) and passed and check.change:
            check.applied = configuring.apply(check, secret)
            check.save(update_fields=["applied"])


def _acts(check: SmtpCheck) -> list[Act]:
    recipient = str(getattr(check.person, "email", ""))
    last = [preflight.offer_sender, preflight.offering(recipient)]
    if check.kind == SmtpCheck.Kind.TEST:
        last = [sample_mail.submission(recipient, sample_mail.render(check.server, recipient))]
    return [*preflight.opening(check.server), *last]
