"""A notice that a server is paused, until it is sent: stored with the pause itself, so that none is lost or doubled."""

from django.db import models

from smtp_settings.models import SmtpServer


class PauseNotice(models.Model):
    server = models.ForeignKey(SmtpServer, on_delete=models.CASCADE, related_name="+")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.server} is paused"
