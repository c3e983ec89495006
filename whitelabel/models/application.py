"""An application: whose it is decides which SMTP server its mail leaves through."""

from typing import Self

from django.conf import settings
from django.db import models

from people.roles import Right, may
from phrases.names import one_line
from whitelabel.models.white_label import AnyUser, WhiteLabel


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Everything for a platform owner, the applications of the own white-labels for an admin."""
        if may(user, Right.SEE_EVERYTHING):
            return self
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))


class Application(models.Model):
    """A mobile app that sends mail."""

    name = models.CharField(max_length=100, validators=[one_line])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications")
    white_label = models.ForeignKey(
        WhiteLabel,
        verbose_name="white-label",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="applications",
        help_text="Empty: the platform's own.",
    )
    sender_name = models.CharField(
        max_length=100, blank=True, validators=[one_line], help_text="The name its mail asks to be from."
    )
    sender_address = models.EmailField(blank=True, help_text="The address its mail asks to be from.")
    daily_limit = models.PositiveIntegerField(
        default=0, help_text="How many mails may leave a day (UTC); over it mail waits. 0 means no limit."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
