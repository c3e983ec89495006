"""A place that may have an SMTP server: the platform, or one of the white-labels."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer

Attach = Callable[[SmtpServer | None, bool], None]


@dataclass(frozen=True)
class Place:
    """Where a server is configured. `attach(server, on)` makes the place remember the server and its switch.

    `server` is what is stored now, and `in_use` says whether it is switched on.
    """

    policy: Policy
    tenant: str
    server: SmtpServer | None
    in_use: bool
    attach: Attach

    def candidate(self) -> SmtpServer:
        """Return a copy of the stored server, or a new one: changing it changes nothing that is in use."""
        return copy(self.server) if self.server else SmtpServer(policy=self.policy, tenant=self.tenant)
