"""Lease due deliveries of one server to one worker."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Coalesce, Length, Now
from django.utils import timezone

from delivery.models import Delivery
from delivery.models.delivery import LEASE_SECONDS
from delivery.outbox import lease_sql
from delivery.outbox.lease_sql import BEFORE_ALL, TENANTS_AT_ONCE
from delivery.outbox.leased import LeasedDelivery

COLUMNS = (
    "pk", "email_id", "recipient", "tenant", "priority", "attempt_count", "possible_duplicate", "email__application_id",
    "email__wanted_name", "email__wanted_address", "email__reply_to", "email__smtputf8", "email__null_reverse_path",
    "size",
)  # fmt: skip

_last_tenants: dict[str, int] = {}


@dataclass
class Batch:
    """Deliveries under one lease."""

    lease: uuid.UUID
    deliveries: list[LeasedDelivery] = field(default_factory=list)

    def extend(self) -> None:
        """Keep the lease of what is still to be finished; a row that is being written this moment needs no more time.

        Waiting for such a row while others are locked could be waited for in turn.
        """
        mine = Delivery.objects.filter(lease=self.lease, status=Delivery.Status.SENDING)
        with transaction.atomic():
            free = mine.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
            ids = list(free.values_list("pk", flat=True))
            mine.filter(pk__in=ids).update(leased_until=Now() + timedelta(seconds=LEASE_SECONDS))

    def give_back(self, deliveries: Iterable[LeasedDelivery]) -> None:
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
    token, after, tenants = uuid.uuid4(), _last_tenants.get(server_key, BEFORE_ALL), min(limit, TENANTS_AT_ONCE)
    now = timezone.now()
    turns = lease_sql.due_turns(server_key, now, after_tenant=after, tenants=tenants)
    all_had_theirs = len({tenant for tenant, _ in turns}) < tenants
    _last_tenants[server_key] = BEFORE_ALL if all_had_theirs else turns[-1][0]
    ids = lease_sql.lease(server_key, turns, token, now, limit=limit) if turns else []
    return Batch(token, _by_turns(_leased(token, ids)) if ids else [])


def _leased(token: uuid.UUID, ids: list[int]) -> list[LeasedDelivery]:
    mine = Delivery.objects.filter(pk__in=ids, lease=token).order_by("priority", "due_at")
    rows = mine.annotate(size=Coalesce(Length("email__content"), 0)).values_list(*COLUMNS)
    return [LeasedDelivery(token, *row) for row in rows]


def _by_turns(deliveries: list[LeasedDelivery]) -> list[LeasedDelivery]:
    """Order by priority, tenants taking turns: what a batch gives back is not always the same one's."""
    turns: Counter[tuple[int, int]] = Counter()

    def turn(delivery: LeasedDelivery) -> tuple[int, int]:
        turns[delivery.priority, delivery.tenant] += 1
        return delivery.priority, turns[delivery.priority, delivery.tenant]

    return sorted(deliveries, key=turn)


def forget_turns() -> None:
    _last_tenants.clear()


def servers_with_due_mail(now: datetime) -> list[str]:
    return list(Delivery.objects.due(now).order_by().values_list("server_key", flat=True).distinct())
