"""A list in CSV that a platform owner has uploaded: what it would do, and what became of it."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from gateway.choices import FileState, Kind
from phrases.stored_json import StoredJSON
from tables.fields import ChoiceField

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

    kind = ChoiceField("what it lists", max_length=20, choices=Kind.choices)
    name = models.CharField("file", max_length=100)
    content = models.BinaryField(default=b"", editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField("uploaded", default=timezone.now, db_index=True)
    state = ChoiceField(max_length=10, choices=FileState.choices, default=FileState.READ)
    seen = models.CharField(max_length=64, blank=True)
    summary = StoredJSON(default=dict)
    note = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
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
        """Store what it would do now, unless it has come into another state meanwhile.

        Whoever agreed to something else must agree again.
        """
        before = self.state
        self.summary, self.seen, self.note, self.state = summary, seen, note, FileState.READ
        if self.pk is None:
            self.save()
        else:
            there = ListFile.objects.filter(pk=self.pk, state=before)
            there.update(summary=summary, seen=seen, note=note, state=FileState.READ)

    def agree(self, by: models.Model) -> bool:
        """Let it be applied; return whether this call did it."""
        there = ListFile.objects.filter(pk=self.pk, state=FileState.READ, seen=self.seen)
        return there.update(state=FileState.WAITING, tries=0, note="", **_agreement(by)) == 1

    def retry(self, by: models.Model) -> bool:
        """Let it be tried again after it was given up; return whether it was."""
        there = ListFile.objects.filter(pk=self.pk, state=FileState.WAITING, tries__gte=TRIES)
        return there.update(tries=0, **_agreement(by)) == 1

    @transaction.atomic
    def discard(self) -> bool:
        """Delete it, unless it is applied or may be at this moment; return whether it was."""
        file = ListFile.objects.select_for_update().filter(pk=self.pk).first()
        if file is None or not (file.state == FileState.READ or file.has_failed):
            return False
        file.delete()
        return True

    def count_try(self) -> None:
        ListFile.objects.filter(pk=self.pk).update(tries=F("tries") + 1)

    def finish(self, summary: dict[str, Any]) -> None:
        self.state, self.content, self.summary, self.finished_at = FileState.DONE, b"", summary, timezone.now()
        self.save()


def _agreement(by: models.Model) -> dict[str, Any]:
    return {"agreed_at": timezone.now(), "agreed_by": by.pk}
