"""A notice that mail waits, until it is sent: stored with what it tells of, so that none is lost or doubled."""

from django.db import models

from smtp_settings.models import SmtpServer
from whitelabel.models import SendingDomain


class PauseNotice(models.Model):
    """The server is paused; with a `domain`, it only takes no mail from that."""

    server = models.ForeignKey(SmtpServer, on_delete=models.CASCADE, related_name="+")
    domain = models.ForeignKey(SendingDomain, null=True, on_delete=models.CASCADE, related_name="+")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.server} takes no mail from {self.domain}" if self.domain else f"{self.server} is paused"
