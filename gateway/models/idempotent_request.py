"""A request that was answered under an idempotency key: whoever repeats it gets the same answer."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone

from phrases.stored_json import StoredJSON
from whitelabel.models import Application

KEPT_FOR = timedelta(days=7)


class IdempotentRequest(models.Model):
    """Made in the transaction that accepts the mail: one is not there without the other.

    A key counts for one application and path, and for test keys apart.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+", db_index=False)
    test = models.BooleanField()
    path = models.CharField(max_length=40)
    key = models.CharField(max_length=256)
    body_hash = models.CharField(max_length=64)
    answer = StoredJSON(default=dict)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "test", "path", "key"], name="idempotent_request_once")
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"

    @property
    def is_over(self) -> bool:
        return self.at < timezone.now() - KEPT_FOR

    @classmethod
    def forget(cls) -> int:
        """Delete those whose time is over; return how many."""
        return cls.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]
