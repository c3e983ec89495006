"""What a check or a test e-mail of a server found, when, and who asked for it. A worker runs it (see `checks`).

The row is the task: the values to be tried, with the secret sealed until it is over, and what is stored when it passes.
"""

import json
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from phrases.stored_json import StoredJSON
from smtp_settings import sealing
from smtp_settings.models.server import SmtpServer
from tables.fields import ChoiceField
from tables.one_by_one import do_for_each

TESTS_PER_HOUR = 5
TESTS_PER_DAY = 20
CHECKS_PER_HOUR = 30
WORKER_EXPECTED_SECONDS = 8
SLOW_SECONDS = 15
LIFE_SECONDS = 60  # until a worker must have taken it up
RUN_SECONDS = 210  # until it must have ended: the session with a slow server may take 120 from there, a token 20
NOBODY_CAME = (
    "No worker took this up, so nothing was tried and nothing was changed. Whoever runs the installation should see "
    "whether the Celery worker and the broker run."
)
NOBODY_ENDED = "This was not finished in time and has been given up; nothing was changed. Try again."


class SmtpCheckQuerySet(models.QuerySet["SmtpCheck"]):
    def latest_of(self, scope_key: str) -> "SmtpCheck | None":
        return self.filter(scope_key=scope_key).select_related("person").first()

    def may_start(self, person: models.Model, kind: str) -> bool:
        """Return whether `person` may ask once more: 30 checks an hour, 5 test e-mails an hour and 20 a day."""
        now, asked = timezone.now(), self.filter(person_id=person.pk, kind=kind)
        last_hour = asked.filter(at__gt=now - timedelta(hours=1)).count()
        if kind == SmtpCheck.Kind.PREFLIGHT:
            return last_hour < CHECKS_PER_HOUR
        return last_hour < TESTS_PER_HOUR and asked.filter(at__gt=now - timedelta(days=1)).count() < TESTS_PER_DAY

    def unfinished(self) -> Self:
        return self.filter(status__in=(SmtpCheck.Status.WAITING, SmtpCheck.Status.RUNNING))

    def under_way(self, scope_key: str) -> int:
        """Return how many checks of a scope workers are running."""
        return self.filter(scope_key=scope_key, status=SmtpCheck.Status.RUNNING).count()

    def forget_old(self) -> None:
        """Delete what is older than the delivery log is kept."""
        self.filter(at__lt=timezone.now() - timedelta(days=settings.LOG_DAYS)).delete()

    def give_up_overdue(self) -> None:
        """End what nobody will end any more, so that no secret stays behind."""
        now, waiting = timezone.now(), models.Q(status=SmtpCheck.Status.WAITING)
        too_long = waiting & models.Q(at__lt=now - timedelta(seconds=LIFE_SECONDS))
        overdue = self.unfinished().filter(too_long | models.Q(at__lt=now - timedelta(seconds=RUN_SECONDS)))
        do_for_each(overdue, SmtpCheck.give_up_overdue)


class SmtpCheck(models.Model):
    """`steps` is a list of `Finding` as JSON; `change` is what is stored when it passes, {} for nothing."""

    class Kind(models.TextChoices):
        PREFLIGHT = "PREFLIGHT", "Check"
        TEST = "TEST", "Test e-mail"

    class Status(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        PASSED = "PASSED", "Passed"
        FAILED = "FAILED", "Failed"

    scope_key = models.CharField(max_length=64)
    policy = models.CharField(max_length=20)
    destination = models.CharField(max_length=300, help_text="host:port, as it was typed")
    kind = ChoiceField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    status = ChoiceField(max_length=10, choices=Status.choices, default=Status.WAITING)
    values = StoredJSON(default=dict, encoder=DjangoJSONEncoder)
    sealed_secret = models.TextField(blank=True)
    change = StoredJSON(default=dict, encoder=DjangoJSONEncoder)
    applied = models.BooleanField(default=False)
    steps = StoredJSON(default=list)
    transcript = StoredJSON(default=list)

    objects = SmtpCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "SMTP check"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["scope_key", "-at"]), models.Index(fields=["person", "kind", "at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.destination}"

    @property
    def ok(self) -> bool:
        return self.status == self.Status.PASSED

    @property
    def finished(self) -> bool:
        return self.status in (self.Status.PASSED, self.Status.FAILED)

    @property
    def nobody_comes(self) -> bool:
        """Return whether a worker should have taken it up by now."""
        late = self.at < timezone.now() - timedelta(seconds=WORKER_EXPECTED_SECONDS)
        return late and self.status == self.Status.WAITING

    @property
    def is_slow(self) -> bool:
        """Return whether it has been running for so long that a person wonders."""
        return self.status == self.Status.RUNNING and self.at < timezone.now() - timedelta(seconds=SLOW_SECONDS)

    @property
    def failed_step(self) -> dict[str, Any]:
        """Return the step that failed, {} where none did."""
        return next((step for step in self.steps if not step["ok"]), {})

    @property
    def server(self) -> SmtpServer:
        """The server to be tried; it is never saved."""
        return SmtpServer(policy=self.policy, scope_key=self.scope_key, **self.values)

    @property
    def binding(self) -> str:
        """What was asked for: the whole row but for how far it has come."""
        asked = [self.pk, self.kind, self.scope_key, self.policy, self.destination, self.person_id, self.at]
        return json.dumps(["check", *asked, self.values, self.change], cls=DjangoJSONEncoder, sort_keys=True)

    def seal_secret(self, secret: str) -> None:
        """Keep `secret` until the check is over, an empty one too: it is the seal of the row. Saves it."""
        self.sealed_secret = sealing.seal(secret, binding=self.binding)
        self.save(update_fields=["sealed_secret"])

    def open_secret(self) -> str:
        """Return the secret, "" where there is none; raises `sealing.CannotOpen` for a row that was edited."""
        return sealing.open_sealed(self.sealed_secret, binding=self.binding)

    def begin(self) -> bool:
        """Take it up; return whether this call did, so that a task that is delivered twice runs once."""
        young = models.Q(at__gt=timezone.now() - timedelta(seconds=LIFE_SECONDS))
        return self._move(self.Status.WAITING, young, status=self.Status.RUNNING)

    def add_step(self, step: dict[str, object]) -> None:
        """Write down what has been found so far; the page looks again and again."""
        self._move(self.Status.RUNNING, models.Q(), steps=[*self.steps, step])

    def finish(self, *, ok: bool, transcript: list[str]) -> bool:
        """End it and drop the secret; return whether it had not been given up before."""
        status = self.Status.PASSED if ok else self.Status.FAILED
        return self._move(self.Status.RUNNING, models.Q(), status=status, sealed_secret="", transcript=transcript)

    def give_up_overdue(self) -> None:
        self.give_up(NOBODY_CAME if self.status == self.Status.WAITING else NOBODY_ENDED)

    def give_up(self, sentence: str) -> None:
        """End it without a result."""
        step = {"step": "Not finished", "ok": False, "sentence": sentence, "field": "", "milliseconds": 0, "fix": ""}
        self._move(self.status, models.Q(), status=self.Status.FAILED, sealed_secret="", steps=[*self.steps, step])

    def _move(self, before: str, when: models.Q, **values: Any) -> bool:
        """Change the row only where it still is as it was known to be."""
        done = SmtpCheck.objects.filter(when, pk=self.pk, status=before).update(**values) == 1
        if done:
            for name, value in values.items():
                setattr(self, name, value)
        return done
