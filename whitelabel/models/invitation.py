"""An invitation to a white-label: of somebody who has a role there once they have accepted it."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from people.roles import Right, Role, may, roles_of
from phrases.address_limits import within_limits
from phrases.names import one_line
from tables.fields import ChoiceField
from whitelabel.models.white_label import WhiteLabel

ROLES = [(role.name, role.value) for role in (Role.ADMIN, Role.VIEWER)]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> Self:
        """Those that were not taken up: also what has expired, but not of people who have a role there by now."""
        joins = (WhiteLabel.admins.through, WhiteLabel.viewers.through)
        here = {"whitelabel": OuterRef("white_label"), "user": OuterRef("person")}
        is_admin, is_viewer = (Exists(join.objects.filter(**here)) for join in joins)
        return self.select_related("white_label", "person", "invited_by").exclude(is_admin | is_viewer)

    def open(self) -> list["Invitation"]:
        return [invitation for invitation in self.waiting() if invitation.is_open]


class Invitation(models.Model):
    """`name` and `email` are as the inviter typed them: what an account says, the white-label must not learn by it.

    It stands for `LASTS`, and while who sent it may invite: nobody leaves a way back in behind.
    """

    LASTS = timedelta(days=7)

    white_label = models.ForeignKey(WhiteLabel, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    name = models.CharField(max_length=100, blank=True, validators=[one_line])
    email = models.EmailField("e-mail address", validators=[within_limits])
    role = ChoiceField(max_length=10, choices=ROLES)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField("invited", default=timezone.now)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["email", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["white_label", "person"], name="one_invitation_to_a_white_label")
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.white_label}"

    @property
    def ends_at(self) -> datetime:
        return self.invited_at + self.LASTS

    @property
    def is_open(self) -> bool:
        """Return whether it can be accepted: who sent it may still invite, and its time is not over."""
        return timezone.now() < self.ends_at and may(self.invited_by, Right.MANAGE_PEOPLE, at=self.white_label)

    @property
    def is_for_platform(self) -> bool:
        """Return whether it went to somebody of the platform, who takes no role from a white-label."""
        return bool(roles_of(self.person))
