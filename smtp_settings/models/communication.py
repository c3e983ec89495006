"""The platform's own choice: which SMTP server everybody's mail leaves through, and who answers for it."""

from django.core.exceptions import ValidationError
from django.db import models
from solo.models import SingletonModel

from phrases.names import one_line
from smtp_settings.choices import State
from smtp_settings.models.server import SmtpServer


class Communication(SingletonModel):
    """Settings > Communication."""

    custom_smtp = models.BooleanField(
        "use a custom SMTP server",
        default=False,
        help_text="Off: mail leaves through the server default of the installation.",
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
    support_address = models.EmailField(blank=True, help_text="Domain requests are sent to this address.")

    class Meta:
        verbose_name = "communication"

    def __str__(self) -> str:
        return "Communication"

    def clean(self) -> None:
        if self.custom_smtp and (self.server is None or self.server.state == State.DRAFT):
            raise ValidationError({"custom_smtp": "Check the server first: a draft cannot be switched on."})

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
