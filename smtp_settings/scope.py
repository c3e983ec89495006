"""A scope that may have an SMTP server: the platform, the platform's second server, or a white-label."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.module_loading import import_string

from smtp_settings.choices import Policy
from smtp_settings.models import Communication, SmtpServer
from smtp_settings.models.communication import ONLY_ROW

PLATFORM = "platform"
SECOND = "platform-second"


@dataclass(frozen=True, kw_only=True)
class Scope(ABC):
    """A scope as it is stored now; `key` names it in rows, in sessions and in what secrets are sealed for.

    `in_use` says whether `server` is switched on, `beside` are the fields to be stored together with that choice.
    `sign_in` is the sealed credential of somebody who has signed in at a provider and has not saved yet (see
    `oauth.sign_in`).
    """

    policy: ClassVar[Policy]
    key: str
    server: SmtpServer | None
    in_use: bool
    beside: Mapping[str, Any] = field(default_factory=dict)
    sign_in: str = field(default="", repr=False)

    @classmethod
    @abstractmethod
    def load(cls, key: str, beside: Mapping[str, Any]) -> Self | None:
        """Return the scope that `key` names, None where it is gone."""

    @abstractmethod
    def save_choice(self, server: SmtpServer | None, on: bool) -> None:
        """Store `server` as the scope's, and whether it is switched on; what stands `beside` is stored with it."""

    def candidate(self) -> SmtpServer:
        """Return a copy of the stored server, or a new one: changing it changes nothing that is in use."""
        candidate = copy(self.server) if self.server else SmtpServer(scope_key=self.key)
        candidate.policy = self.policy
        return candidate

    @property
    def version(self) -> str:
        """Name what a person has configured, so that a later change of it is noticed; a pause is none."""
        configured = (self.server.typed_values | {"": self.server.sealed_secret}) if self.server else {}
        text = json.dumps([configured, self.in_use], cls=DjangoJSONEncoder, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def load_scope(key: str, beside: Mapping[str, Any] | None = None) -> Scope | None:
    """Return the scope that `key` names, None where it is gone; SMTP_SCOPES says of which class it is."""
    scope: type[Scope] = import_string(settings.SMTP_SCOPES[key.partition(":")[0]])
    return scope.load(key, beside or {})


class PlatformScope(Scope):
    """The platform's server, with a switch of its own."""

    policy = Policy.PLATFORM

    @classmethod
    def load(cls, key: str, beside: Mapping[str, Any]) -> Self:
        stored = Communication.current()
        return cls(key=key, server=stored.server and stored.server.if_of(key), in_use=stored.custom_smtp, beside=beside)

    def save_choice(self, server: SmtpServer | None, on: bool) -> None:
        values = {**self.beside, "server": server, "custom_smtp": on and server is not None}
        Communication.objects.update_or_create(pk=ONLY_ROW, defaults=values)


class SecondScope(Scope):
    """The platform's second server, which has no switch: it is there or it is not."""

    policy = Policy.PLATFORM

    @classmethod
    def load(cls, key: str, beside: Mapping[str, Any]) -> Self:
        standby = Communication.current().standby
        server = standby and standby.if_of(key)
        return cls(key=key, server=server, in_use=server is not None, beside=beside)

    def save_choice(self, server: SmtpServer | None, on: bool) -> None:
        Communication.objects.update_or_create(pk=ONLY_ROW, defaults={"standby": server})
