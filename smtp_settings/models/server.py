"""An SMTP server: where it is, how to sign in, who its sender is, and what is known of it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from phrases import names
from phrases.address_limits import within_limits
from phrases.names import one_line
from smtp_settings import sealing
from smtp_settings.choices import Auth, Policy, Security, State
from smtp_settings.header_fields import readable
from smtp_settings.mailboxes import mailbox
from smtp_settings.models.health import ServerHealth
from smtp_settings.models.oauth import OAuthSettings
from tables.fields import ChoiceField

DEFAULT_KEY = "default"
NOT_TYPED = frozenset(
    {"id", "policy", "scope_key", "state", "pause_reason", "created_at", "updated_at", "expiry_notified"}
)


class SmtpServer(OAuthSettings):
    """The platform's, a white-label's, or (never stored) the server default of the environment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = ChoiceField(max_length=20, choices=Policy.choices, editable=False)
    scope_key = models.CharField(max_length=64, editable=False, help_text="Whose it is; part of what seals the secret.")
    host = models.CharField(max_length=253, help_text="For example smtp.example.com")
    port = models.PositiveIntegerField(default=587, validators=[MinValueValidator(1), MaxValueValidator(65535)])
    security = ChoiceField(max_length=20, choices=Security.choices, default=Security.STARTTLS)
    auth = ChoiceField("authentication", max_length=20, choices=Auth.choices, default=Auth.PASSWORD)
    username = models.CharField(max_length=254, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    sender_name = models.CharField(max_length=100, blank=True, validators=[one_line])
    sender_address = models.EmailField(validators=[within_limits], help_text="Mail leaves from this address.")
    max_connections = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1)])
    messages_per_minute = models.PositiveIntegerField(default=0, help_text="0 means no limit.")
    state = ChoiceField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    pause_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "SMTP server"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=State.PAUSED) | ~models.Q(pause_reason=""),
                name="smtp_paused_server_says_why",
            ),
            models.CheckConstraint(condition=models.Q(port__gte=1, port__lte=65535), name="smtp_port_in_range"),
            models.CheckConstraint(condition=~models.Q(policy=Policy.ENVIRONMENT), name="smtp_default_is_not_stored"),
        ]

    is_default = False  # no column: what a row says of itself opens nothing of the environment's

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"<SmtpServer {self.key} {self}>"

    @classmethod
    def default(cls) -> Self:
        """Return the server default from `EMAIL_URL`; it is never saved."""
        values: dict[str, Any] = dict(settings.DEFAULT_SMTP)
        values.pop("password")
        sender_name, sender_address = mailbox(settings.DEFAULT_FROM_EMAIL)
        server = cls(
            id=uuid.UUID(int=0),
            policy=Policy.ENVIRONMENT,
            scope_key="environment",
            sender_name=sender_name,
            sender_address=sender_address,
            state=State.VERIFIED,
            **values,
        )
        server.is_default = True
        return server

    @classmethod
    def by_key(cls, key: str) -> Self | None:
        """Return the server that `key` names, None where it is gone."""
        return cls.default() if key == DEFAULT_KEY else cls.objects.filter(pk=key).first()

    @cached_property
    def key(self) -> str:
        """Name the server in a task's arguments: its id, or "default"."""
        return DEFAULT_KEY if self.is_default else str(self.pk)

    @property
    def usable(self) -> bool:
        return self.state == State.VERIFIED

    @property
    def health(self) -> ServerHealth:
        """Return what its sessions have shown lately."""
        return ServerHealth.of(self.key)

    @property
    def sender_mailbox(self) -> tuple[str, str]:
        """The sender's name, as far as receivers may see it, and address."""
        return names.beside(self.sender_address, self.sender_name), self.sender_address

    @property
    def sender(self) -> str:
        return readable(*self.sender_mailbox)

    @property
    def has_secret(self) -> bool:
        return bool(self.sealed_secret)

    @property
    def typed_values(self) -> dict[str, Any]:
        """Return what a person has typed, without secrets."""
        names = (field.attname for field in self._meta.concrete_fields if field.name not in NOT_TYPED)
        return {name: getattr(self, name) for name in names if not name.startswith("sealed_")}

    @property
    def binding(self) -> str:
        """What a sealed secret belongs to: scope, row and destination."""
        return "\x1f".join((self.scope_key, str(self.pk), self.destination))

    def if_of(self, scope_key: str) -> Self | None:
        """Return the server where it is that of a scope, None where a reference to it was changed behind our back."""
        return self if self.scope_key == scope_key else None

    @property
    def destination(self) -> str:
        """Where secrets go, and by which rules; with OAuth also where people sign in and tokens are asked for."""
        parts = [self.policy, self.host.lower(), str(self.port), self.security, self.auth, self.username]
        if self.auth == Auth.XOAUTH2:
            parts += [self.token_source, self.directory, self.authorization_endpoint, self.token_endpoint]
            parts += [self.client_id, self.oauth_scope]
        return "\x1f".join(parts)

    def seal_secret(self, secret: str) -> None:
        """Keep `secret` for the destination as it is now; an empty one clears it. Saves nothing."""
        self.sealed_secret = sealing.seal(secret, binding=self.binding) if secret else ""

    def open_secret(self) -> str:
        """Return the secret, "" where none is kept; raises `sealing.CannotOpen`."""
        if self.is_default:
            return str(settings.DEFAULT_SMTP["password"])
        return sealing.open_sealed(self.sealed_secret, binding=self.binding) if self.sealed_secret else ""

    def pause(self, reason: str) -> bool:
        """Stop a verified server; return whether this call did it."""
        return self._move({"state": State.VERIFIED}, {"state": State.PAUSED, "pause_reason": reason[:300]})

    def end_pause(self, reason: str) -> bool:
        """Let a server go on that is paused for `reason` alone; return whether this call did it."""
        return self._move(
            {"state": State.PAUSED, "pause_reason": reason}, {"state": State.VERIFIED, "pause_reason": ""}
        )

    def _move(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Change the row only where it still is as it was."""
        values = {**after, "updated_at": timezone.now()}
        done = SmtpServer.objects.filter(pk=self.pk, **before).update(**values) == 1
        if done:
            self.refresh_from_db(fields=list(values))
        return done
