"""The platform's own choice: which SMTP server everybody's mail leaves through, and who answers for it."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from phrases.address_limits import within_limits
from phrases.names import one_line
from smtp_settings.choices import State
from smtp_settings.models.server import SmtpServer

ONLY_ROW = 1


class Communication(models.Model):
    """Settings > Communication: one row at most; while there is none, everything is as the fields' defaults say."""

    custom_smtp = models.BooleanField(
        "use a custom SMTP server",
        default=False,
        help_text="Off: messages are sent through the built-in default server.",
    )
    server = models.OneToOneField(SmtpServer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    standby = models.OneToOneField(
        SmtpServer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Takes over while the first server does not answer.",
    )
    support_name = models.CharField(max_length=100, blank=True, validators=[one_line])
    support_address = models.EmailField(
        blank=True, validators=[within_limits], help_text="Domain requests are sent to this address."
    )

    class Meta:
        verbose_name = "communication"
        constraints = [models.CheckConstraint(condition=models.Q(pk=ONLY_ROW), name="smtp_one_communication")]

    def __str__(self) -> str:
        return "Communication"

    def clean(self) -> None:
        if self.custom_smtp and (self.server is None or self.server.state == State.DRAFT):
            raise ValidationError({"custom_smtp": "Check the server first: a draft cannot be switched on."})

    @classmethod
    def current(cls) -> Self:
        """Return what is stored, with its servers, else the defaults, not saved yet."""
        return cls.objects.select_related("server", "standby").first() or cls(pk=ONLY_ROW)

    @property
    def custom_smtp_on(self) -> bool:
        """Return whether mail leaves through the custom server; domains of white-labels are used only then."""
        return self.custom_smtp and self.server is not None

    @property
    def smtp(self) -> SmtpServer:
        """The server that applies to the platform: the custom one where switched on, else the server default."""
        return self.server if self.custom_smtp and self.server else SmtpServer.default()

    @property
    def sender(self) -> tuple[str, str]:
        """The platform's sender as (name, address): the configured one, else that of the server default."""
        server = self.server or SmtpServer.default()
        return server.sender_name, server.sender_address
