"""A suspension: somebody has no role in a white-label for a while, which remembers the one that they had."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from tables.fields import ChoiceField
from whitelabel.models.invitation import ROLES
from whitelabel.models.white_label import WhiteLabel


class Suspension(models.Model):
    """Of the membership alone: the account may have roles elsewhere. The person is neither an admin nor a viewer."""

    white_label = models.ForeignKey(WhiteLabel, on_delete=models.CASCADE, related_name="suspensions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="suspensions")
    role = ChoiceField(max_length=10, choices=ROLES)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["person__email"]
        constraints = [
            models.UniqueConstraint(fields=["white_label", "person"], name="suspended_once_in_a_white_label")
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.white_label}"
