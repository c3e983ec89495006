"""Ask for a check of a server or a test e-mail through it: the web process waits for no stranger's server.

The row says what is to be tried; a worker runs it (see `runner`). A check that is not finished within a minute is given
up and changes nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.db import models, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from smtp_settings.checks.finding import Finding
from smtp_settings.choices import State
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.models.check import CHECKS_PER_HOUR, LIFE_SECONDS, TESTS_PER_DAY, TESTS_PER_HOUR
from smtp_settings.scope import Scope

logger = logging.getLogger(__name__)

TYPED = "What you typed"
RUN_CHECK = "smtp_settings.tasks.run_check"
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
    *,
    remarks: Sequence[str] = (),
) -> SmtpCheck:
    """Have `server` tried, as it is here and not as it is stored, and show `remarks` with it; raises `TooMany`."""
    check = _reserve(
        kind,
        person,
        scope_key=server.scope_key,
        policy=server.policy,
        destination=str(server),
        values=server.typed_values,
        change=change or {},
        steps=[Finding(TYPED, True, remark).as_json() for remark in remarks],
    )
    check.seal_secret(secret)
    try:
        current_app.signature(RUN_CHECK, (check.pk,)).apply_async(expires=LIFE_SECONDS)
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
    remarks: Sequence[str] = (),
) -> SmtpCheck:
    """Have `candidate` checked; it is stored and switched when it passes and nobody changed the scope meanwhile."""
    change = {"switched_on": switched_on, "beside": dict(scope.beside), "version": scope.version}
    return start(SmtpCheck.Kind.PREFLIGHT, candidate, secret, person, change, remarks=remarks)


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
