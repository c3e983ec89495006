"""A white-label: its people, its brand, its mailbox, and which of the two SMTP options it chose."""

from collections.abc import Set
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http.request import validate_host

from messages.models import Mailbox
from notifications.brand import Brand
from people.models import Provisioned
from people.roles import Right, Role, may
from phrases.names import one_line
from smtp_settings.choices import State
from smtp_settings.models import SmtpServer
from tables.fields import ChoiceField
from whitelabel.domain_names import canonical

AnyUser = AbstractBaseUser | AnonymousUser

PLATFORMS_OWN = "{host} is the platform's own address, where everybody signs in."
NOT_ANSWERED = (
    "Nobody would see it: this installation does not answer for {host}. "
    "Whoever runs it must add the name to ALLOWED_HOSTS first."
)


class WhiteLabelQuerySet(models.QuerySet["WhiteLabel"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Everything for the platform's people, the own white-labels for others, nothing for nobody."""
        if may(user, Right.SEE):
            return self
        return self.of_member(user)

    def of_member(self, user: AnyUser) -> Self:
        """The white-labels that somebody who may sign in has a role in, without those that are archived."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        is_admin, is_viewer = _held_by(user.pk).values()
        return self.filter(is_admin | is_viewer, archived_at=None)

    def memberships_of(self, user: AnyUser) -> list[bool]:
        """Return for each that somebody is a member of or invited to whether they are a member."""
        if not user.is_authenticated:
            return []
        invited = Q(pk__in=self.filter(invitations__person=user.pk).values("pk"))
        is_member = Exists(WhiteLabel.objects.of_member(user).filter(pk=OuterRef("pk")))
        near = self.annotate(is_member=is_member).filter(Q(is_member=True) | invited)
        return list(near.order_by().values_list("is_member", flat=True))


class WhiteLabel(Provisioned):
    """A reseller of the platform under its own name. One that is archived has no console and no applications."""

    SCOPE = "white-label:"

    class MailOption(models.TextChoices):
        PLATFORM = "PLATFORM", "The platform's SMTP"
        OWN = "OWN", "Own SMTP server"

    name = models.CharField(max_length=100, unique=True, validators=[one_line])
    admins = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="white_labels",
        help_text="Somebody new? Add them by the button on the right; they are invited by e-mail.",
    )
    viewers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="viewed_white_labels",
        help_text="They see its console and change nothing. Applications they own send through the platform.",
    )
    console_host = models.CharField(
        max_length=253,
        unique=True,
        null=True,
        blank=True,
        help_text="Optional: a host name under which only this white-label's sign-in is shown.",
    )
    brand_name = models.CharField(max_length=60, validators=[one_line], help_text="The name its admins see.")
    brand_colour = models.CharField(
        max_length=7,
        default="#4f46e5",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "Write the colour as # and six hexadecimal digits.")],
    )
    mail_option = ChoiceField(max_length=10, choices=MailOption.choices, default=MailOption.PLATFORM)
    server = models.OneToOneField(
        SmtpServer, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="white_label"
    )
    fall_back = models.BooleanField(
        "fall back to the platform's SMTP",
        default=False,
        help_text="If the own server is paused, send through the platform instead. Otherwise messages wait.",
    )
    second_factor_required = models.BooleanField(
        "require two-step sign-in",
        default=False,
        help_text="Admins and viewers must set up a passkey or an authenticator app before they can use the console.",
    )
    mailbox = models.OneToOneField(Mailbox, editable=False, on_delete=models.PROTECT, related_name="white_label")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WhiteLabelQuerySet.as_manager()

    class Meta:
        verbose_name = "white-label"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(brand_colour__regex=r"^#[0-9a-fA-F]{6}\Z"), name="brand_colour_is_one"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.mailbox_id:
            self.mailbox = Mailbox.objects.create(key=f"new {id(self)}", name=self.name)
        super().save(*args, **kwargs)
        Mailbox.objects.filter(pk=self.mailbox_id).update(key=self.scope_key, name=self.name)

    def clean(self) -> None:
        self.console_host = (self.console_host or "").strip().lower() or None
        if self.mail_option == self.MailOption.OWN and (self.server is None or self.server.state == State.DRAFT):
            raise ValidationError({"mail_option": "Its own SMTP server must be checked before it can be used."})

    @staticmethod
    def checked_console_host(typed: str | None) -> str | None:
        """Return the host name in its one spelling, None where nothing was typed. Raises `ValidationError`."""
        host = canonical(typed) if typed and typed.strip() else None
        if host and host == urlsplit(settings.SITE_URL).hostname:
            raise ValidationError(PLATFORMS_OWN.format(host=host))
        if host and not validate_host(host, settings.ALLOWED_HOSTS):
            raise ValidationError(NOT_ANSWERED.format(host=host))
        return host

    def archive(self) -> None:
        """Raises `ValidationError` while it has applications that are not archived."""
        left = self.applications.filter(archived_at=None).count()
        if left:
            raise ValidationError(f"{self} still has applications ({left:,}): archive them, or give them away, first.")
        super().archive()

    @property
    def brand(self) -> Brand:
        return Brand(self.brand_name or self.name, self.brand_colour, of_white_label=True)

    @property
    def scope_key(self) -> str:
        """Name the white-label wherever something is bound to it: sealed secrets, checks, its mailbox."""
        return f"{self.SCOPE}{self.pk}"

    @property
    def own_smtp_on(self) -> bool:
        return self.mail_option == self.MailOption.OWN and self.server is not None

    def roles_of(self, person: object) -> Set[Role]:
        """Return the roles that somebody has here, none once the white-label is archived."""
        key = getattr(person, "pk", None)
        if key is None or self.is_archived:
            return set()
        held = _held_by(key)
        holds = WhiteLabel.objects.filter(pk=self.pk).values_list(*held.values()).first() or ()
        return {role for role, is_held in zip(held, holds, strict=False) if is_held}

    def is_admin(self, user: models.Model) -> bool:
        """Return whether mail of an application that `user` owns takes the white-label's route."""
        return not self.is_archived and self.admins.filter(pk=user.pk, is_active=True).exists()


def _held_by(person: Any) -> dict[Role, Exists]:
    """Return for each role of a white-label the condition that a person (an id) holds it there."""
    joins = {Role.ADMIN: WhiteLabel.admins.through, Role.VIEWER: WhiteLabel.viewers.through}
    return {
        role: Exists(join._default_manager.filter(whitelabel=OuterRef("pk"), user=person))
        for role, join in joins.items()
    }
