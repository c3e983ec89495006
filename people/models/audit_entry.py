"""An entry of the audit log: who did what, from where, and what was different afterwards. Append-only."""

from typing import Any

from django.db import models
from django.utils import timezone

from people.models.user import User


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **values: Any) -> int:
        raise TypeError("Nothing is changed in the audit log.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Nothing is taken out of the audit log.")


class AuditEntry(models.Model):
    """Append-only. `changes` is a list of `{"thing", "field", "before", "after"}`, without secrets (see `audit`)."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    person = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    who = models.CharField(max_length=254, blank=True, help_text="Their address, as it was.")
    address = models.CharField("from", max_length=64, blank=True)
    act = models.CharField(max_length=100)
    path = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=list)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.act} by {self.who or 'nobody signed in'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Nothing is changed in the audit log.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Nothing is taken out of the audit log.")
