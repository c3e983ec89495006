"""A scope that may have an SMTP server: the platform, or one of the white-labels."""

import hashlib
import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from smtp_settings.choices import Policy
from smtp_settings.models import Communication, SmtpServer

PLATFORM = "platform"
SECOND = "platform-second"
Attach = Callable[[SmtpServer | None, bool], None]


@dataclass(frozen=True)
class Scope:
    """Where a server is configured. `attach(server, on)` makes the scope remember the server and its switch.

    `server` is what is stored now, and `in_use` says whether it is switched on. `sign_in` is the sealed credential of
    somebody who has signed in at a provider and has not saved yet (see `oauth.sign_in`).
    """

    policy: Policy
    tenant: str
    server: SmtpServer | None
    in_use: bool
    attach: Attach
    sign_in: str = field(default="", repr=False)

    def candidate(self) -> SmtpServer:
        """Return a copy of the stored server, or a new one: changing it changes nothing that is in use."""
        return copy(self.server) if self.server else SmtpServer(policy=self.policy, tenant=self.tenant)

    @property
    def version(self) -> str:
        """Name what a person has configured, so that a later change of it is noticed; a pause is none."""
        configured = (self.server.typed_values | {"": self.server.sealed_secret}) if self.server else {}
        text = json.dumps([configured, self.in_use], cls=DjangoJSONEncoder, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


Finder = Callable[[str, Mapping[str, Any]], Scope | None]
finders: dict[str, Finder] = {}


def find(tenant: str, beside: Mapping[str, Any] | None = None) -> Scope | None:
    """Return the scope of `tenant`, None where it is gone; `beside` is what `attach` stores along with the switch."""
    kind = tenant.partition(":")[0]
    return finders[kind](tenant, beside or {})


def of_platform(tenant: str, beside: Mapping[str, Any]) -> Scope:
    stored = Communication.objects.select_related("server").get(pk=Communication.get_solo().pk)

    def attach(server: SmtpServer | None, on: bool) -> None:
        values = {**beside, "server": server, "custom_smtp": on and server is not None}
        Communication.objects.filter(pk=stored.pk).update(**values)

    return Scope(Policy.PLATFORM, tenant, stored.server, stored.custom_smtp, attach)


def of_second(tenant: str, beside: Mapping[str, Any]) -> Scope:
    """Return the scope of the platform's second server, which has no switch: it is there or it is not."""
    stored = Communication.objects.select_related("standby").get(pk=Communication.get_solo().pk)

    def attach(server: SmtpServer | None, on: bool) -> None:
        Communication.objects.filter(pk=stored.pk).update(standby=server)

    return Scope(Policy.PLATFORM, tenant, stored.standby, stored.standby is not None, attach)


finders[PLATFORM] = of_platform
finders[SECOND] = of_second
