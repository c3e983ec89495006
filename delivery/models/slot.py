"""A permission to have one connection open to a server, leased; their number bounds the connections of all workers."""

import uuid
from datetime import timedelta
from typing import Self

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

SLOT_SECONDS = 40


class ConnectionSlotQuerySet(models.QuerySet["ConnectionSlot"]):
    def in_use(self, server_key: str) -> Self:
        return self.filter(server_key=server_key, leased_until__gt=Now())


class ConnectionSlot(models.Model):
    """Slots are numbered from 0; one whose lease has expired is free."""

    server_key = models.CharField(max_length=36)
    number = models.PositiveSmallIntegerField()
    lease = models.UUIDField(default=uuid.uuid4)
    leased_until = models.DateTimeField()

    objects = ConnectionSlotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["server_key", "number"], name="slot_once_per_server")]

    def __str__(self) -> str:
        return f"{self.server_key} #{self.number}"

    @classmethod
    def take(cls, server_key: str, *, most: int) -> "ConnectionSlot | None":
        """Lease one of `most` slots; None when all are taken."""
        free = cls.objects.filter(server_key=server_key, number__lt=most, leased_until__lte=Now())
        known = set(cls.objects.filter(server_key=server_key).values_list("number", flat=True))
        for slot in free:
            if slot._take():
                return slot
        new = (cls._create(server_key, number) for number in range(most) if number not in known)
        return next(filter(None, new), None)

    @classmethod
    def _create(cls, server_key: str, number: int) -> "ConnectionSlot | None":
        try:
            with transaction.atomic():
                return cls.objects.create(server_key=server_key, number=number, leased_until=_until())
        except IntegrityError:
            return None

    def _take(self) -> bool:
        mine = uuid.uuid4()
        expired = ConnectionSlot.objects.filter(pk=self.pk, lease=self.lease, leased_until__lte=Now())
        taken = expired.update(lease=mine, leased_until=_until()) == 1
        if taken:
            self.lease = mine
        return taken

    def renew(self) -> bool:
        """Keep the slot; False when somebody else has it."""
        return ConnectionSlot.objects.filter(pk=self.pk, lease=self.lease).update(leased_until=_until()) == 1

    def release(self) -> None:
        """Free the slot; a `renew` that comes late finds another lease."""
        ConnectionSlot.objects.filter(pk=self.pk, lease=self.lease).update(leased_until=Now(), lease=uuid.uuid4())


def _until() -> models.Expression:
    return models.ExpressionWrapper(Now() + timedelta(seconds=SLOT_SECONDS), output_field=models.DateTimeField())
