"""Which keys: those a person may see, those that have not ended, those in a state."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gateway.choices import Maker, State
from people.roles import Right, may
from whitelabel.models import WhiteLabel
from whitelabel.models.white_label import AnyUser

if TYPE_CHECKING:
    from gateway.models.key import Key  # noqa: F401 (named in quotes)

CONFIRMED = Q(maker=Maker.PLATFORM) | (
    Q(confirmed_owner=F("application__owner"))
    & (
        Q(confirmed_white_label=F("application__white_label"))
        | Q(confirmed_white_label=None, application__white_label=None)
    )
)
NOT_STOPPED = Q(application=None) | (Q(application__archived_at=None) & CONFIRMED)


class KeyQuerySet(models.QuerySet["Key"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Everything for a platform owner, the keys of the own white-labels' applications for an admin."""
        if may(user, Right.SEE):
            return self
        return self.filter(application__white_label__in=WhiteLabel.objects.visible_to(user))

    def alive(self) -> Self:
        """Keys that were neither revoked nor have expired."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.now().date()), revoked_at=None)

    def in_state(self, state: str) -> Self:
        if state == State.REVOKED:
            return self.exclude(revoked_at=None)
        if state == State.ENDED:
            return self.filter(revoked_at=None, ends_on__lt=timezone.now().date())
        going_on = self.model._default_manager.filter(NOT_STOPPED).values("pk")
        if state == State.STOPPED:
            return self.alive().exclude(pk__in=going_on)
        return self.alive().filter(pk__in=going_on)
