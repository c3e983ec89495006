"""What a route is decided by, asked of the database: for one application as it comes, for many in a few queries."""

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from smtp_settings.models import Communication, ServerHealth
from whitelabel.models import SendingDomain, WhiteLabel

if TYPE_CHECKING:
    from people.models import User
    from whitelabel.models import Application


class RouteFacts:
    """Asks for each fact when it is needed: the least that one route can cost."""

    def communication(self) -> Communication:
        return Communication.current()

    def is_admin(self, white_label: WhiteLabel, person: "User") -> bool:
        return white_label.is_admin(person)

    def live_domains(self, white_label: WhiteLabel) -> list[str]:
        """Return the domains that mail may leave from, the oldest first."""
        live = SendingDomain.objects.live().filter(white_label=white_label).order_by("activated_at", "id")
        return list(live.values_list("domain", flat=True))

    def health(self, server_key: str) -> ServerHealth:
        return ServerHealth.of(server_key)


class FactsOfMany(RouteFacts):
    """Knows the facts about all of `applications` after four queries, the same however many they are."""

    def __init__(self, applications: Collection["Application"]) -> None:
        self._white_labels = {each.white_label_id for each in applications if each.white_label_id}
        self._owners = {each.owner_id for each in applications}

    def communication(self) -> Communication:
        return self._communication

    def is_admin(self, white_label: WhiteLabel, person: "User") -> bool:
        return not white_label.is_archived and person.is_active and (white_label.pk, person.pk) in self._admins

    def live_domains(self, white_label: WhiteLabel) -> list[str]:
        return self._domains[white_label.pk]

    def health(self, server_key: str) -> ServerHealth:
        return self._health.get(server_key) or ServerHealth(key=server_key)

    @cached_property
    def _communication(self) -> Communication:
        return Communication.current()

    @cached_property
    def _admins(self) -> set[tuple[int, int]]:
        roles = WhiteLabel.admins.through.objects.filter(whitelabel__in=self._white_labels, user__in=self._owners)
        return set(roles.values_list("whitelabel_id", "user_id"))

    @cached_property
    def _domains(self) -> dict[int, list[str]]:
        domains = defaultdict[int, list[str]](list)
        live = SendingDomain.objects.live().filter(white_label__in=self._white_labels).order_by("activated_at", "id")
        for white_label, domain in live.values_list("white_label_id", "domain"):
            domains[white_label].append(domain)
        return domains

    @cached_property
    def _health(self) -> dict[str, ServerHealth]:
        return {health.key: health for health in ServerHealth.objects.all()}
