"""Lease due deliveries of one server to one worker, and take back what a dead worker left."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Coalesce, Length, Now

from delivery.models import Delivery
from delivery.models.leasing import BEFORE_ALL, LEASE_SECONDS
from delivery.outbox.leased import Claimed

TAKEN_BACK_AT_ONCE = 1000
CLAIMED = (
    "pk", "email_id", "recipient", "tenant", "priority", "attempt_count", "possible_duplicate", "email__application_id",
    "email__wanted_name", "email__wanted_address", "email__reply_to", "email__smtputf8", "size",
)  # fmt: skip

_last_tenants: dict[str, int] = {}


@dataclass
class Batch:
    """Deliveries under one lease."""

    lease: uuid.UUID
    deliveries: list[Claimed] = field(default_factory=list)

    def extend(self) -> None:
        """Keep the lease of what is still to be finished; a row that is being written this moment needs no more time.

        Waiting for such a row while others are locked could be waited for in turn.
        """
        mine = Delivery.objects.filter(lease=self.lease, status=Delivery.Status.SENDING)
        with transaction.atomic():
            free = mine.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
            ids = list(free.values_list("pk", flat=True))
            mine.filter(pk__in=ids).update(leased_until=Now() + timedelta(seconds=LEASE_SECONDS))

    def give_back(self, deliveries: Iterable[Claimed]) -> None:
        """Let go of `deliveries` with nothing tried."""
        ids = [delivery.pk for delivery in deliveries]
        mine = Delivery.objects.filter(pk__in=ids, lease=self.lease, status=Delivery.Status.SENDING)
        mine.update(status=Delivery.Status.QUEUED, lease=None, leased_until=None, final_dot_announced=False)

    def hold(self, held: Mapping[tuple[str, datetime | None], list[int]]) -> None:
        """Let deliveries wait visibly, by reason and the time of the next look."""
        for (reason, until), ids in held.items():
            mine = Delivery.objects.filter(pk__in=ids, lease=self.lease, status=Delivery.Status.SENDING)
            mine.update(
                status=Delivery.Status.HELD,
                status_reason=reason,
                due_at=until,
                lease=None,
                leased_until=None,
                final_dot_announced=False,
            )


def claim(server_key: str, *, limit: int) -> Batch:
    """Lease up to `limit` due deliveries of the server, a share for each tenant, the urgent ones first.

    Where not every tenant had its turn, the next batch of this process goes on with the next one.
    """
    lease, after = uuid.uuid4(), _last_tenants.get(server_key, BEFORE_ALL)
    ids, last = Delivery.objects.lease(lease, server_key=server_key, limit=limit, after_tenant=after)
    _last_tenants[server_key] = last
    mine = Delivery.objects.filter(pk__in=ids, lease=lease).order_by("priority", "due_at")
    rows = mine.annotate(size=Coalesce(Length("email__content"), 0)).values_list(*CLAIMED) if ids else ()
    return Batch(lease, [Claimed(lease, *row) for row in rows])


def forget_turns() -> None:
    _last_tenants.clear()


def take_back() -> int:
    """Queue again what was leased to a worker that died; past its final dot it is uncertain. Return how many.

    A row that a stopped worker has locked is left for the next look: whoever waited for it would keep nothing alive.
    """
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        abandoned = Delivery.objects.abandoned().select_for_update(skip_locked=skip)[:TAKEN_BACK_AT_ONCE]
        return sum(_take_back(delivery) for delivery in abandoned)


def _take_back(delivery: Delivery) -> bool:
    if delivery.final_dot_announced:
        return delivery.mark_uncertain("The worker stopped after the end of the message; nobody knows the answer.")
    return delivery.give_back()


def servers_with_due_mail(now: datetime) -> list[str]:
    return list(Delivery.objects.due(now).order_by().values_list("server_key", flat=True).distinct())
