"""One try to hand a delivery to a server: the route it took and what the server said. Append-only."""

from django.db import models
from django.utils import timezone

from delivery.models.delivery import Delivery
from phrases.stored_json import StoredJSON
from smtp_settings.choices import Fault, Outcome, Phase
from smtp_settings.models import SmtpServer
from smtp_settings.transport.refusals import fault_of
from tables.fields import ChoiceField


class Attempt(models.Model):
    """Texts are redacted before they come here; `reasons` is a list of sentences."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField(default=0)
    rule = models.PositiveSmallIntegerField(help_text="The row of the routing table.")
    server = models.ForeignKey(SmtpServer, null=True, on_delete=models.SET_NULL, related_name="attempts")
    server_name = models.CharField(max_length=300, help_text="host:port, as it was")
    sender = models.CharField(max_length=400, help_text="The From header")
    reply_to = models.TextField(blank=True)
    reasons = StoredJSON(default=list)
    outcome = ChoiceField(max_length=20, choices=Outcome.choices)
    phase = ChoiceField(max_length=12, choices=Phase.choices)
    reply_code = models.PositiveSmallIntegerField(null=True, blank=True)
    enhanced_code = models.CharField(max_length=12, blank=True)
    reply_text = models.TextField(blank=True)
    peer_address = models.CharField(max_length=64, blank=True)
    tls = models.CharField("TLS", max_length=60, blank=True)
    possible_duplicate = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.server_name}"

    @property
    def fault(self) -> Fault | None:
        """Whose fault the refusal is; None where the server took the mail or said nothing."""
        if self.reply_code is None or self.outcome == Outcome.SENT:
            return None
        return fault_of(Phase(self.phase), self.reply_code, self.enhanced_code, self.reply_text)
