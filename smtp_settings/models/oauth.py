"""Signing in by OAuth 2.0 instead of a password: where tokens come from, and the token that is valid at the moment."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from smtp_settings import sealing
from smtp_settings.choices import TokenSource
from tables.fields import ChoiceField

LEASE_SECONDS = 25  # longer than one request to a token endpoint may take
RENEW_BEFORE_SECONDS = 300


class OAuthSettings(models.Model):
    """What an SMTP server that is signed in to by XOAUTH2 needs to know; empty where it is not."""

    token_source = ChoiceField("tokens from", max_length=30, choices=TokenSource.choices, blank=True)
    directory = models.CharField("directory (tenant)", max_length=253, blank=True)
    client_id = models.CharField("client ID", max_length=254, blank=True)
    client_secret_expires_on = models.DateField("client secret expires on", null=True, blank=True)
    authorization_endpoint = models.CharField(max_length=500, blank=True)
    token_endpoint = models.CharField(max_length=500, blank=True)
    oauth_scope = models.CharField("scope", max_length=500, blank=True)
    expiry_notified = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text="How many days before its end the last notice of the client secret was sent.",
    )

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Credential:
    """What tokens are got with: the one secret of a server with XOAUTH2. `id` names it without telling anything."""

    client_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    def unpack(cls, secret: str) -> Self:
        return cls(**json.loads(secret))

    def pack(self) -> str:
        """Return it as the secret that `SmtpServer.seal_secret` keeps."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Tokens:
    """What a token endpoint gave; `refresh_token` replaces the one asked with, where there is a new one."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)


class AccessToken(models.Model):
    """The token of one credential, shared by all workers. One renews it at a time, under a lease.

    All writes are single statements: no transaction is open while the token endpoint is asked.
    """

    id = models.UUIDField(primary_key=True)
    sealed_tokens = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def of(cls, credential: Credential) -> Self:
        return cls.objects.get_or_create(pk=uuid.UUID(credential.id))[0]

    @property
    def valid(self) -> bool:
        return self.expires_at is not None and self.expires_at > timezone.now()

    @property
    def due(self) -> bool:
        """Return whether it is time for a new one."""
        return not self.valid or self.renew_at is None or self.renew_at <= timezone.now()

    def open(self, binding: str) -> Tokens:
        """Return what is stored for `binding`, empty where there is nothing that can be opened."""
        try:
            return Tokens(**json.loads(sealing.open_sealed(self.sealed_tokens, binding=self.binding(binding))))
        except sealing.CannotOpen:
            return Tokens("")

    def take_lease(self) -> bool:
        """Become the one who renews it; return whether this call did. The row is as fresh as the lease then."""
        now = timezone.now()
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
        until = now + timedelta(seconds=LEASE_SECONDS)
        taken = AccessToken.objects.filter(free, pk=self.pk).update(leased_until=until) == 1
        self.refresh_from_db()
        return taken

    def end_lease(self) -> None:
        """Let others renew it; does nothing where the lease was lost."""
        AccessToken.objects.filter(pk=self.pk, leased_until=self.leased_until).update(leased_until=None)

    def store(self, tokens: Tokens, *, seconds: int, binding: str) -> None:
        """Store what was got under the lease, valid for `seconds`, and end the lease."""
        now = timezone.now()
        early = min(RENEW_BEFORE_SECONDS, seconds // 2)
        AccessToken.objects.filter(pk=self.pk, leased_until=self.leased_until).update(
            sealed_tokens=sealing.seal(json.dumps(asdict(tokens)), binding=self.binding(binding)),
            expires_at=now + timedelta(seconds=seconds),
            renew_at=now + timedelta(seconds=seconds - early),
            leased_until=None,
            updated_at=now,
        )

    def spend(self) -> None:
        """Use it no more: a mail server refused it. What it is renewed with stays."""
        AccessToken.objects.filter(pk=self.pk, expires_at=self.expires_at).update(expires_at=None)

    def binding(self, of_server: str) -> str:
        """What the tokens are sealed for: this row, and what `of_server` names."""
        return f"{of_server}\x1f{self.pk}"

    @classmethod
    def discard_unused(cls, used: set[uuid.UUID], *, before: datetime) -> None:
        """Delete what belongs to no stored server and has not been touched since `before`."""
        cls.objects.filter(updated_at__lt=before).exclude(pk__in=used).delete()
