"""Which sending domains: those a person may see, those that are live, those that wait for somebody."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from whitelabel.models import transitions
from whitelabel.models.event import DomainEvent
from whitelabel.models.publishing import CHECK_PAUSE
from whitelabel.models.transitions import Actor, Transition
from whitelabel.models.white_label import AnyUser, WhiteLabel

if TYPE_CHECKING:
    from whitelabel.models.domain import SendingDomain  # noqa: F401 (named in quotes)


class SendingDomainQuerySet(models.QuerySet["SendingDomain"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))

    def open(self) -> Self:
        """Requests that wait for the owner or for DNS."""
        return self.filter(state__in=transitions.OPEN)

    def live(self) -> Self:
        """Domains that mail may leave from."""
        return self.filter(state__in=transitions.LIVE)

    def with_turn(self) -> Self:
        """Annotate `turn`: the `Actor` that has to act next, "" where nobody has to.

        A request waits for the owner, unless the newest thing in its history is what the owner asked.
        """
        newest = DomainEvent.objects.filter(sending_domain=models.OuterRef("pk")).order_by("-at", "-id")
        asked = models.Q(state=transitions.State.REQUESTED, newest_transition=Transition.ASK)
        turn = models.Case(
            models.When(asked | models.Q(state__in=transitions.FOR_RECORDS), then=models.Value(Actor.WHITE_LABEL)),
            models.When(state=transitions.State.REQUESTED, then=models.Value(Actor.OWNER)),
            default=models.Value(""),
            output_field=models.CharField(),
        )
        return self.annotate(newest_transition=models.Subquery(newest.values("transition")[:1])).annotate(turn=turn)

    def waiting_for(self, actor: Actor) -> Self:
        """Domains in which it is the turn of `actor`; of none that is over or in use is its history asked for."""
        waits = (transitions.State.REQUESTED, *transitions.FOR_RECORDS)
        return self.filter(state__in=waits).with_turn().filter(models.Q(turn=actor))

    def due(self, now: datetime) -> Self:
        """Domains whose DNS is to be checked now, the longest overdue first."""
        checked_long_ago = models.Q(checked_at=None) | models.Q(checked_at__lte=now - CHECK_PAUSE)
        time_has_come = models.Q(next_check_at=None) | models.Q(next_check_at__lte=now)
        due = self.filter(time_has_come, checked_long_ago, state__in=transitions.IN_USE)
        return due.order_by(models.F("next_check_at").asc(nulls_first=True), "pk")
