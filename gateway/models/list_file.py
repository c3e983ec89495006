"""A list in CSV that a platform owner has uploaded: what it would do, and what became of it."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from gateway.choices import FileState, Kind

RETENTION_DAYS = 30
TRIES = 3


class ListFileQuerySet(models.QuerySet["ListFile"]):
    def waiting(self) -> Self:
        """Lists that are to be applied, without those that have failed too often."""
        return self.filter(state=FileState.WAITING, tries__lt=TRIES)

    def old(self) -> Self:
        return self.filter(uploaded_at__lt=timezone.now() - timedelta(days=RETENTION_DAYS))


class ListFile(models.Model):
    """`summary` is what was shown, and `seen` its digest: what is applied is that, or nothing. Once applied, the
    content is let go of.
    """

    kind = models.CharField("what it lists", max_length=20, choices=Kind.choices)
    name = models.CharField("file", max_length=100)
    content = models.BinaryField(default=b"", editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField("uploaded", default=timezone.now, db_index=True)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.READ)
    seen = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    agreed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ListFileQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def has_failed(self) -> bool:
        """Return whether it was given up."""
        return self.state == FileState.WAITING and self.tries >= TRIES

    @property
    def may_be_applied(self) -> bool:
        """Return whether it would do something, and nothing is wrong with it."""
        does: int = self.summary.get("created_count", 0) + self.summary.get("changed_count", 0)
        return self.state == FileState.READ and not self.summary.get("problem_count") and bool(does)

    def show(self, summary: dict[str, Any], seen: str, note: str = "") -> None:
        """Store what it would do now; whoever agreed to something else must agree again."""
        self.summary, self.seen, self.note, self.state = summary, seen, note, FileState.READ
        self.save()

    def agree(self) -> bool:
        """Let it be applied; return whether this call did it."""
        there = ListFile.objects.filter(pk=self.pk, state=FileState.READ, seen=self.seen)
        return there.update(state=FileState.WAITING, tries=0, note="", agreed_at=timezone.now()) == 1

    def retry(self) -> bool:
        """Let it be tried again after it was given up; return whether it was."""
        return ListFile.objects.filter(pk=self.pk, state=FileState.WAITING, tries__gte=TRIES).update(tries=0) == 1

    def count_try(self) -> None:
        ListFile.objects.filter(pk=self.pk).update(tries=F("tries") + 1)

    def finish(self, summary: dict[str, Any]) -> None:
        self.state, self.content, self.summary, self.finished_at = FileState.DONE, b"", summary, timezone.now()
        self.save()
