"""What a delivery must pass before it is sent: its route, the suppression list, the application's daily limit."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from delivery.models import DailyCount, Suppression
from delivery.models.delivery import SUPPRESSED
from delivery.outbox import retry_schedule
from delivery.outbox.leased import LeasedDelivery
from whitelabel.models import Application
from whitelabel.routing import Route

Hold = tuple[str, datetime | None]


class SendPolicy:
    """The policy for one batch, with what it asks the database for once for all of it.

    `held` collects what may not be sent now: a reason and the time of the next look, with the ids of its deliveries.
    """

    def __init__(self, deliveries: Sequence[LeasedDelivery]) -> None:
        self.held: dict[Hold, list[int]] = {}
        self._today = timezone.now().date()
        self._suppressed = _suppressed(deliveries)
        ids = {delivery.application_id or 0 for delivery in deliveries}
        self._limited = {item.pk: item for item in Application.objects.filter(pk__in=ids, daily_limit__gt=0)}

    def permits(self, delivery: LeasedDelivery, route: Route) -> bool:
        """Return whether `delivery` may leave by `route`; it counts for the daily limit, or is held."""
        hold = self._by_route(route) or self._by_address(delivery) or self._by_limit(delivery)
        if hold:
            self.hold(delivery, hold)
        return hold is None

    def hold(self, delivery: LeasedDelivery, hold: Hold) -> None:
        self.held.setdefault(hold, []).append(delivery.pk)

    def refund(self, delivery: LeasedDelivery) -> None:
        """Take back what the daily limit counted: only accepted messages count."""
        if application := self._limited.get(delivery.application_id or 0):
            DailyCount.give_back(application, self._today)

    def _by_route(self, route: Route) -> Hold | None:
        return (route.hold, route.hold_until or retry_schedule.next_look()) if route.hold else None

    def _by_address(self, delivery: LeasedDelivery) -> Hold | None:
        reason = self._suppressed.get((delivery.tenant, delivery.recipient.lower()))
        return (f"{SUPPRESSED} {reason}", None) if reason else None

    def _by_limit(self, delivery: LeasedDelivery) -> Hold | None:
        application = self._limited.get(delivery.application_id or 0)
        if application is None or DailyCount.take(application, self._today, limit=application.daily_limit):
            return None
        tomorrow = datetime.combine(self._today + timedelta(days=1), time(), UTC)
        return f"The application has sent its {application.daily_limit:,} mails of today.", tomorrow


def _suppressed(deliveries: Sequence[LeasedDelivery]) -> dict[tuple[int, str], str]:
    """Return the suppressed recipients by tenant and address."""
    by_tenant: dict[int, list[str]] = {}
    for delivery in deliveries:
        by_tenant.setdefault(delivery.tenant, []).append(delivery.recipient)
    return {
        (tenant, address): reason
        for tenant, recipients in by_tenant.items()
        for address, reason in Suppression.objects.addresses(tenant or None, recipients).items()
    }
