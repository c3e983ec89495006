"""What a check or a test e-mail of a server found, when, and who asked for it."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

TESTS_PER_HOUR = 5
TESTS_PER_DAY = 20


class SmtpCheckQuerySet(models.QuerySet["SmtpCheck"]):
    def latest_of(self, tenant: str) -> "SmtpCheck | None":
        return self.filter(tenant=tenant).select_related("person").first()

    def tests_of(self, person: models.Model) -> Self:
        return self.filter(person=person, kind=SmtpCheck.Kind.TEST)

    def may_test(self, person: models.Model) -> bool:
        """Tell whether `person` may send one more test e-mail: 5 an hour, 20 a day."""
        now, tests = timezone.now(), self.tests_of(person)
        return (
            tests.filter(at__gt=now - timedelta(hours=1)).count() < TESTS_PER_HOUR
            and tests.filter(at__gt=now - timedelta(days=1)).count() < TESTS_PER_DAY
        )


class SmtpCheck(models.Model):
    """Append-only. `steps` is a list of `{"step", "ok", "sentence", "field", "milliseconds", "fix"}`."""

    class Kind(models.TextChoices):
        PREFLIGHT = "PREFLIGHT", "Check"
        TEST = "TEST", "Test e-mail"

    tenant = models.CharField(max_length=64)
    destination = models.CharField(max_length=300, help_text="host:port, as it was typed")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ok = models.BooleanField()
    steps = models.JSONField(default=list)

    objects = SmtpCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "SMTP check"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["tenant", "-at"]), models.Index(fields=["person", "kind", "at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.destination}"

    def finish(self, *, ok: bool, steps: list[dict[str, object]]) -> None:
        """Add what was found to a test that was counted before it began."""
        self.ok, self.steps = ok, steps
        self.save(update_fields=["ok", "steps"])
