"""The history of a sending domain: one row for each transition, never changed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from tables.fields import ChoiceField
from whitelabel.models.transitions import Actor, State, Transition


class DomainEventQuerySet(models.QuerySet["DomainEvent"]):
    def update(self, **values: Any) -> int:
        raise TypeError("Nothing is changed in the history of a domain.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Nothing is taken out of the history of a domain.")


class DomainEvent(models.Model):
    """Append-only. `who` is the person's address as it was, "" where the product made the transition itself."""

    sending_domain = models.ForeignKey("whitelabel.SendingDomain", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    transition = ChoiceField(max_length=20, choices=Transition.choices)
    from_state = ChoiceField(max_length=10, choices=State.choices, blank=True)
    to_state = ChoiceField(max_length=10, choices=State.choices)
    actor = ChoiceField(max_length=20, choices=Actor.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=254, blank=True)
    words = models.TextField(blank=True)

    objects = DomainEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_transition_display()}, {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Nothing is changed in the history of a domain.")
        super().save(*args, **kwargs)
