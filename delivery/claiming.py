"""Lease due deliveries of one server to one worker, and take back what a dead worker left."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from delivery.models import Delivery
from delivery.models.delivery import LEASE_SECONDS

TENANTS_AT_ONCE = 8
TAKEN_BACK_AT_ONCE = 1000
WAITING = "status IN ({})".format(", ".join(f"'{status}'" for status in Delivery.WAITING))
PRIORITIES = tuple(Delivery.Priority.values)
BEFORE_ALL = -1


@dataclass
class Batch:
    """Deliveries under one lease. `last_tenant` is where the next batch goes on, so that tenants take turns."""

    lease: uuid.UUID
    deliveries: list[Delivery] = field(default_factory=list)
    last_tenant: int = BEFORE_ALL

    def extend(self) -> None:
        """Keep the lease of what is still to be finished; a row that is being written this moment needs no more time.

        Waiting for such a row while others are locked could be waited for in turn.
        """
        mine = Delivery.objects.filter(lease=self.lease, status=Delivery.Status.SENDING)
        with transaction.atomic():
            free = mine.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
            ids = list(free.values_list("pk", flat=True))
            mine.filter(pk__in=ids).update(leased_until=Now() + timedelta(seconds=LEASE_SECONDS))

    def give_back(self, deliveries: list[Delivery]) -> None:
        """Let go of `deliveries` with nothing tried."""
        ids = [delivery.pk for delivery in deliveries]
        mine = Delivery.objects.filter(pk__in=ids, lease=self.lease, status=Delivery.Status.SENDING)
        mine.update(status=Delivery.Status.QUEUED, lease=None, leased_until=None)

    def hold(self, held: Mapping[tuple[str, datetime | None], list[int]]) -> None:
        """Let deliveries wait visibly, by reason and the time of the next look."""
        for (why, until), ids in held.items():
            mine = Delivery.objects.filter(pk__in=ids, lease=self.lease, status=Delivery.Status.SENDING)
            mine.update(status=Delivery.Status.HELD, why=why, due_at=until, lease=None, leased_until=None)


def claim(server_key: str, *, limit: int, after_tenant: int = BEFORE_ALL) -> Batch:
    """Lease up to `limit` due deliveries of the server, a share for each tenant, the urgent ones first.

    The work does not grow with the backlog: a few steps in one index for each tenant and priority.
    """
    batch = Batch(uuid.uuid4(), last_tenant=after_tenant)
    with transaction.atomic():
        tenants = _tenants(server_key, after_tenant) or _tenants(server_key, BEFORE_ALL)
        ids: list[int] = []
        for priority in PRIORITIES if tenants else ():
            ids += _due(server_key, tenants, priority, share=-(-(limit - len(ids)) // len(tenants)))
        waiting = Delivery.objects.filter(pk__in=ids[:limit], status__in=Delivery.WAITING)
        waiting.update(
            status=Delivery.Status.SENDING, lease=batch.lease, leased_until=Now() + timedelta(seconds=LEASE_SECONDS)
        )
    claimed = Delivery.objects.filter(pk__in=ids[:limit], lease=batch.lease).select_related("email")
    batch.deliveries = sorted(claimed, key=lambda delivery: (delivery.priority, delivery.due_at))
    batch.last_tenant = tenants[-1] if tenants else BEFORE_ALL
    return batch


def _tenants(server_key: str, after: int) -> list[int]:
    """Return the next tenants with waiting mail, by stepping from one to the next in the index."""
    sql = f"""
        WITH RECURSIVE turn(tenant, place) AS (
            SELECT MIN(tenant), 1 FROM delivery_delivery WHERE {WAITING} AND server_key = %s AND tenant > %s
            UNION ALL
            SELECT (SELECT MIN(d.tenant) FROM delivery_delivery d
                    WHERE d.{WAITING} AND d.server_key = %s AND d.tenant > turn.tenant), turn.place + 1
            FROM turn WHERE turn.tenant IS NOT NULL AND turn.place < %s
        )
        SELECT tenant FROM turn WHERE tenant IS NOT NULL
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [server_key, after, server_key, TENANTS_AT_ONCE])
        return [tenant for (tenant,) in cursor.fetchall()]


def _due(server_key: str, tenants: list[int], priority: int, *, share: int) -> list[int]:
    """Return up to `share` due deliveries of each tenant, locked against other workers."""
    if share < 1:
        return []
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    one = f"""
        SELECT id FROM (
            SELECT id FROM delivery_delivery
            WHERE {WAITING} AND server_key = %s AND tenant = %s AND priority = %s AND due_at <= %s
            ORDER BY due_at LIMIT %s {skip}
        ) AS part
    """  # noqa: S608
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = [value for tenant in tenants for value in (server_key, tenant, priority, now, share)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(tenants)), values)
        return [pk for (pk,) in cursor.fetchall()]


def take_back() -> int:
    """Queue again what was leased to a worker that died; past its final dot it is uncertain. Return how many."""
    abandoned = Delivery.objects.abandoned().select_related("email")[:TAKEN_BACK_AT_ONCE]
    return sum(_take_back(delivery) for delivery in abandoned)


def _take_back(delivery: Delivery) -> bool:
    if delivery.final_dot_next:
        return delivery.mark_uncertain("The worker stopped after the end of the message; nobody knows the answer.")
    return delivery.give_back()


def servers_with_due_mail(now: datetime) -> list[str]:
    return list(Delivery.objects.due(now).order_by().values_list("server_key", flat=True).distinct())
