"""An entry of the audit log: who did what, from where, and what was different afterwards. Append-only."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from people.models.user import User
from phrases.field import PhraseField
from phrases.stored_json import StoredJSON

DIGEST_CHARS = 64  # SHA-256, in hexadecimal
READ_AT_ONCE = 1000


class AuditHead(models.Model):
    """The digest of the newest entry: one row, which whoever appends an entry locks until the end of the transaction.

    So two writers cannot both follow the same entry, and an entry that is taken off the end is missed.
    """

    digest = models.CharField(max_length=DIGEST_CHARS, blank=True)

    @classmethod
    def lock(cls) -> str:
        """Return the digest that the next entry follows; nobody else appends one before the transaction ends."""
        return cls.objects.select_for_update().get_or_create(pk=1)[0].digest

    @classmethod
    def advance(cls, entry: "AuditEntry") -> None:
        """Make `entry` the newest, where the database's guard has not done so already, because somebody lifted it."""
        cls.objects.filter(pk=1, digest=entry.previous).update(digest=entry.digest)


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def oldest_first(self) -> Iterator["AuditEntry"]:
        """Yield the entries, `READ_AT_ONCE` by a statement: however long it takes, nothing stays open meanwhile."""
        last, rows = 0, self.order_by("pk")
        while some := list(rows.filter(pk__gt=last)[:READ_AT_ONCE]):
            yield from some
            last = some[-1].pk

    def update(self, **values: Any) -> int:
        raise TypeError("Nothing is changed in the audit log.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Nothing is taken out of the audit log.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Entries are appended to the audit log one by one: each holds the digest of the one before.")


class AuditEntry(models.Model):
    """Append-only, by this class, by triggers of the database (`people.append_only`) and by a chain of digests.

    `act` is a code such as "domain.approve"; `changes` are `people.audit.Change`, without secrets; `detail` is what no
    column shows. `who` is the person's address as it was, the command that ran, or the public beginning of a key.
    `white_label_id` is the white-label whose people may see that it was done, None where it is the platform's affair.
    `digest` covers everything else in the row but its id, the `previous` entry's digest included. The rows of people
    and white-labels may go without the log being touched.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    person = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    who = models.CharField(max_length=254, blank=True, help_text="Their address, as it was, the command or the key.")
    white_label_id = models.BigIntegerField("white-label", null=True)
    address = models.CharField("IP address", max_length=64, blank=True)
    act = models.CharField(max_length=100)
    path = models.CharField(max_length=300, blank=True)
    changes = StoredJSON(default=list)
    detail = PhraseField(null=True)
    previous = models.CharField(max_length=DIGEST_CHARS, unique=True, editable=False)
    digest = models.CharField(max_length=DIGEST_CHARS, editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["white_label_id", "-at", "-id"], name="audit_of_white_label")]

    def __str__(self) -> str:
        return f"{self.act} by {self.who or 'nobody signed in'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append the entry to the chain."""
        if not self._state.adding:
            raise TypeError("Nothing is changed in the audit log.")
        with transaction.atomic():
            self.previous = AuditHead.lock()
            self.digest = self.compute_digest()
            super().save(*args, **kwargs)
            AuditHead.advance(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Nothing is taken out of the audit log.")

    def compute_digest(self) -> str:
        """Return what `digest` is while the entry is as it was written and follows the entry it was written after."""
        detail = None if self.detail is None else self.detail.as_json()
        when = self.at.astimezone(UTC).isoformat()
        content = [
            self.previous,
            when,
            self.person_id,
            self.who,
            self.white_label_id,
            self.address,
            self.act,
            self.path,
        ]
        canonical = json.dumps([*content, self.changes, detail], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
