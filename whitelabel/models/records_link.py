"""A link that shows the records of one domain to whoever has it, without sign-in, for some days."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from people.roles import Right, may
from phrases.address_limits import within_limits
from whitelabel.models.domain import SendingDomain
from whitelabel.models.white_label import WhiteLabel

DAYS = 14
RETENTION_DAYS = 30
TOKEN_BYTES = 32
LINKS_AT_ONCE = 20
SENT_A_DAY = 10
SENT_TO_ONE_A_DAY = 2
SENT_UNPROVEN_A_DAY = 3  # while anybody could have typed the name of the domain
OPENED_EVERY_SECONDS = 60
State = SendingDomain.State
OVER = [State.REFUSED, State.WITHDRAWN, State.EXPIRED]  # nobody publishes records in these states


class RecordsLinkQuerySet(models.QuerySet["RecordsLink"]):
    def open(self, now: datetime) -> Self:
        """Links that work: neither revoked nor expired, of a domain that is still asked for or used."""
        return self.filter(revoked_at=None, expires_at__gt=now).exclude(domain__state__in=OVER)

    def listed(self) -> Self:
        """Links that a page lists: those that work."""
        return self.open(timezone.now()).select_related("made_by")

    def ended_long_ago(self, now: datetime) -> Self:
        return self.filter(expires_at__lt=now - timedelta(days=RETENTION_DAYS))

    def with_token(self, token: str) -> Self:
        """The link that `token` was made for, whether it works or not."""
        links = self.filter(token_hash=hashed(token))
        return links.select_related("domain__white_label__mailbox", "domain__thread")


class RecordsLink(models.Model):
    """Only its token's hash is stored: a copy of the database opens nothing. `sent_to` is "" where it was copied."""

    domain = models.ForeignKey(SendingDomain, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    sent_to = models.EmailField(blank=True, validators=[within_limits])
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField("last opened", null=True, blank=True)

    objects = RecordsLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"Link to the records of {self.domain}"

    @classmethod
    def make(cls, domain: SendingDomain, *, by: models.Model, sent_to: str = "") -> "tuple[RecordsLink, str]":
        """Return a link and its token, which nothing can show again. Raises `ValidationError`, `PermissionDenied`."""
        _only_its_people(domain, by)
        now, token = timezone.now(), secrets.token_urlsafe(TOKEN_BYTES)
        with transaction.atomic():
            WhiteLabel.objects.select_for_update().get(pk=domain.white_label_id)
            cls._refuse_too_many(domain, sent_to, now)
            link = cls.objects.create(
                domain=domain,
                token_hash=hashed(token),
                made_by_id=by.pk,
                made_at=now,
                sent_to=sent_to,
                expires_at=now + timedelta(days=DAYS),
            )
        return link, token

    @classmethod
    def _refuse_too_many(cls, domain: SendingDomain, sent_to: str, now: datetime) -> None:
        if domain.state in OVER:
            raise ValidationError(f"{domain} is “{domain.get_state_display()}”: there is nothing to publish.")
        if cls.objects.open(now).filter(domain=domain).count() >= LINKS_AT_ONCE:
            raise ValidationError(f"{domain} has {LINKS_AT_ONCE} links already; revoke one first.")
        if not sent_to:
            return
        day = cls.objects.filter(domain__white_label=domain.white_label_id, made_at__gt=now - timedelta(days=1))
        if day.exclude(sent_to="").count() >= SENT_A_DAY:
            raise ValidationError(f"{SENT_A_DAY} links were sent today; the next can be sent tomorrow, or copied now.")
        unproven = day.filter(domain__state=State.REQUESTED).exclude(sent_to="").count()
        if domain.state == State.REQUESTED and not domain.ownership_verified and unproven >= SENT_UNPROVEN_A_DAY:
            raise ValidationError(
                f"{SENT_UNPROVEN_A_DAY} links were sent today for domains that wait for an answer; more can be "
                f"sent once {domain} is approved or its ownership is proven."
            )
        if day.filter(sent_to__iexact=sent_to).count() >= SENT_TO_ONE_A_DAY:
            raise ValidationError(f"{sent_to} was sent {SENT_TO_ONE_A_DAY} links today already.")

    def revoke(self, *, by: models.Model) -> None:
        """Let the link open nothing any more."""
        _only_its_people(self.domain, by)
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])

    def save_opening(self, now: datetime) -> None:
        """Store when it was opened last, to the minute: a page that stays open asks again and again."""
        if self.opened_at is None or (now - self.opened_at).total_seconds() >= OPENED_EVERY_SECONDS:
            RecordsLink.objects.filter(pk=self.pk).update(opened_at=now)


def hashed(token: str) -> str:
    """Return what is stored of a token; it is random enough to need no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _only_its_people(domain: SendingDomain, person: models.Model) -> None:
    its_own = may(person, Right.REQUEST_DOMAINS, at=domain.white_label)
    if not (its_own or may(person, Right.DECIDE_DOMAINS)):
        raise PermissionDenied
