"""A white-label with one row of every model: all have the same key, and every text of theirs carries the same mark."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Self

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone

from delivery.models import Attempt, Delivery
from gateway.choices import Maker
from gateway.models import Key, ListFile
from messages.models import Mailbox, Thread
from people.models import AuditEntry, AuditHead, User
from smtp_settings.choices import Policy, State
from smtp_settings.models import Communication, SmtpCheck, SmtpServer
from whitelabel.models import DnsRecord, RecordSet, RecordsLink, SendingDomain, WhiteLabel

APPS = ("gateway", "delivery", "whitelabel", "smtp_settings", "inbox", "people")
OF_OTHER_APPS = (LogEntry, EmailAddress, Authenticator, UserSession)
OF_THE_PLATFORM = (AuditHead, Communication, RecordSet)
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
COLOUR = "#123456"
NOTHING_TO_DO: dict[str, object] = {  # as a list of people that names nobody says it
    **{name: [] for name in ("created", "changed", "missing", "problems")},
    **dict.fromkeys(("created_count", "changed_count", "missing_count", "problem_count"), 0),
}
TEXTS = (models.CharField, models.TextField)


def models_of_tenants() -> list[type[models.Model]]:
    """Return every model whose rows may be a white-label's, those to come as well."""
    own = [model for label in APPS for model in apps.get_app_config(label).get_models()]
    return [model for model in (*own, *OF_OTHER_APPS) if model not in OF_THE_PLATFORM]


def key_of(model: type[models.Model], number: int) -> object:
    """Return the primary key that stands for `number`: a UUID is spelled out where a text names one."""
    key = model._meta.pk
    if isinstance(key, models.UUIDField):
        return uuid.UUID(int=number)
    return str(uuid.UUID(int=number)) if isinstance(key, models.CharField) else number


@dataclass
class Tenant:
    """The white-label whose rows all have the key `number` and the word `mark` in their texts."""

    mark: str
    number: int
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)

    @classmethod
    def furnish(cls, mark: str, number: int) -> Self:
        tenant = cls(mark, number)
        for model in models_of_tenants():
            tenant.row_of(model)
        tenant.row_of(WhiteLabel).admins.add(tenant.person)
        return tenant

    @property
    def person(self) -> User:
        return self.row_of(User)

    def row_of(self, model: type[Any]) -> Any:
        """Return the row of `model`, made with those that it refers to when it is first asked for."""
        if model not in self.rows:
            special = self._special().get(model, {})
            usual = {
                field.name: self._value(field)
                for field in model._meta.concrete_fields
                if not _sets_itself(field) and field.name not in special
            }
            self.rows[model] = model._default_manager.create(**usual | special)
        return self.rows[model]

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every column of every row that is the tenant's or refers to one that is."""
        return {model._meta.label: sorted(self._found(model), key=repr) for model in _with_relations()}

    def _found(self, model: type[models.Model]) -> Iterator[tuple[object, ...]]:
        theirs = models.Q(pk=key_of(model, self.number)) if model in models_of_tenants() else models.Q()
        for column in model._meta.concrete_fields:
            if column.related_model in self.rows:
                theirs |= models.Q(**{column.name: key_of(column.related_model, self.number)})
        return iter(model._default_manager.filter(theirs).values_list()) if theirs else iter(())

    def _special(self) -> dict[type[models.Model], dict[str, object]]:
        """Return the values that mean something to the code, by model and field."""
        scope_key, key = WhiteLabel(pk=self.number).scope_key, str(uuid.UUID(int=self.number))
        tomorrow = timezone.now() + timedelta(days=1)
        return {
            User: {"password": make_password(None)},
            WhiteLabel: {"brand_colour": COLOUR, "mail_option": WhiteLabel.MailOption.OWN},
            SmtpServer: {
                "policy": Policy.WHITE_LABEL,
                "scope_key": scope_key,
                "state": State.VERIFIED,
                "sealed_secret": "",
            },
            SendingDomain: {"domain": f"{self.mark}.test", "state": SendingDomain.State.ACTIVE},
            DnsRecord: {"type": "TXT"},
            RecordsLink: {"expires_at": tomorrow},
            ListFile: {"content": f"ref,email\n{self.mark},ref@{self.mark}.test\n".encode(), "summary": NOTHING_TO_DO},
            Key: {"maker": Maker.WHITE_LABEL, "scopes": "send", "sealed_hash": ""},
            Thread: {"opened_with": Mailbox.platform(), "about_type": None, "about_id": ""},
            Delivery: {"status": Delivery.Status.FAILED, "server_key": key, "tenant": self.number, "due_at": None},
            Authenticator: {"type": Authenticator.Type.TOTP, "data": {"secret": get_adapter().encrypt(TOTP_SECRET)}},
            UserSession: {"ip": "192.0.2.1"},
            Attempt: {"reasons": [f"{self.mark} reason"]},
            AuditEntry: {
                "changes": [dict.fromkeys(("thing", "field", "before", "after"), self.mark)],
                "white_label_id": self.number,
            },
            SmtpCheck: {"scope_key": scope_key, "sealed_secret": "", "values": {"host": f"smtp.{self.mark}.test"}},
        }

    def _value(self, field: "models.Field[Any, Any]") -> object:
        if field.primary_key:
            return key_of(field.model, self.number)
        if field.is_relation:
            return self.row_of(field.related_model) if field.related_model in models_of_tenants() else None
        if isinstance(field, TEXTS) and not field.choices:
            return self._text(field)
        if isinstance(field, models.BinaryField):
            return self.mark.encode()
        return self._plain(field)

    def _text(self, field: "models.Field[Any, Any]") -> str:
        """Return a text that says whose and which field it is; an address where the field takes one."""
        if isinstance(field, models.EmailField) or field.name in ("recipient", "address", "reply_to", "who"):
            return f"{field.name}@{self.mark}.test"
        return f"{self.mark} {field.model._meta.model_name} {field.name}"[: field.max_length]

    def _plain(self, field: "models.Field[Any, Any]") -> object:
        """Return a value for what is no text."""
        if field.has_default():
            return field.get_default()
        if field.null:
            return None
        if field.choices:
            return field.flatchoices[0][0]
        kinds: dict[type[models.Field[Any, Any]], object] = {
            models.UUIDField: uuid.UUID(int=self.number),
            models.DateTimeField: timezone.now(),
            models.DateField: timezone.now().date(),
        }
        return next((value for kind, value in kinds.items() if isinstance(field, kind)), 1)


def _sets_itself(field: "models.Field[Any, Any]") -> bool:
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


@cache
def _with_relations() -> list[type[models.Model]]:
    """Return the models of tenants and the tables that join them."""
    wanted = set(models_of_tenants())
    every: list[Any] = apps.get_models(include_auto_created=True)
    joins = [model for model in every if model._meta.auto_created in wanted]
    return [*models_of_tenants(), *joins]
