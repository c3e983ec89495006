"""An application: whose it is decides which SMTP server its mail leaves through."""

from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone

from people.models import Provisioned
from people.roles import Right, may
from phrases.address_limits import within_limits
from phrases.names import one_line
from whitelabel.models.white_label import AnyUser, WhiteLabel
from whitelabel.signals import application_handed_over

MOST_A_DAY = 1_000_000_000
ARCHIVED = "The application is archived."


class Side(NamedTuple):
    """Whose an application is: the ids of its owner and of its white-label."""

    owner: int
    white_label: int | None


class ApplicationQuerySet(models.QuerySet["Application"]):
    def update(self, **values: Any) -> int:
        """Refuse to change whose applications are: nobody would be told of it."""
        if {"owner", "owner_id", "white_label", "white_label_id"} & values.keys():
            raise TypeError("An application gets another owner by hand_over, another white-label by save.")
        return super().update(**values)

    def visible_to(self, user: AnyUser) -> Self:
        """Everything for a platform owner, the applications of the own white-labels for an admin."""
        if may(user, Right.SEE):
            return self
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))


class Application(Provisioned):
    """A mobile app that sends mail. One that is archived sends nothing more, and its keys are stopped."""

    name = models.CharField(max_length=100, validators=[one_line])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications")
    white_label = models.ForeignKey(
        WhiteLabel,
        verbose_name="white-label",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="applications",
        help_text="Empty: the platform's own.",
    )
    sender_name = models.CharField(
        max_length=100, blank=True, validators=[one_line], help_text="The name its messages should come from."
    )
    sender_address = models.EmailField(
        blank=True,
        validators=[within_limits],
        help_text="The address its messages should come from. If another is used, answers still go here.",
    )
    daily_limit = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_A_DAY)],
        help_text="How many mails may leave a day (UTC); over it mail waits. 0 means no limit.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        before = Application.objects.filter(pk=self.pk).values_list("owner", "white_label").first()
        self.check_side(Side(*before) if before else None)

    def check_side(self, before: Side | None) -> None:
        """Raise `ValidationError` where it would come to somebody who cannot sign in, or to an archived white-label.

        Whose it is already is nobody's fault now.
        """
        errors = {}
        if self.owner_id and (before is None or before.owner != self.owner_id) and not self.owner.is_active:
            errors["owner"] = f"{self.owner} cannot sign in."
        is_elsewhere = before is None or before.white_label != self.white_label_id
        if is_elsewhere and self.white_label and self.white_label.is_archived:
            errors["white_label"] = f"{self.white_label} is archived."
        if errors:
            raise ValidationError(errors)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Let others know where this gives the application to somebody else."""
        with transaction.atomic():
            before = self._stored_side()
            super().save(*args, **kwargs)
            after = self._stored_side() if before else None
            if before and after and before != after:
                application_handed_over.send(Application, application=self, before=before, after=after)

    def hand_over(self, owner: models.Model, *, previous: int) -> bool:
        """Make `owner` the owner; return False where the owner is not the one with the id `previous` any more."""
        with transaction.atomic():
            side = self._stored_side()
            if side is None or side.owner != previous:
                return False
            self.owner_id = owner.pk
            self.save(update_fields=["owner"])
        return True

    def owner_is_admin(self) -> bool:
        """Return whether it counts as its white-label's own: the owner is an admin there."""
        return self.white_label is not None and self.white_label.is_admin(self.owner)

    def _stored_side(self) -> Side | None:
        """Return whose it is in the database, None where it is not stored; locks the row."""
        if self.pk is None:
            return None
        rows = Application.objects.select_for_update(no_key=True).filter(pk=self.pk).values_list("owner", "white_label")
        row = rows.order_by().first()
        return Side(*row) if row else None
