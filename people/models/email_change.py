"""Another e-mail address that a person asked for, until it is confirmed there and agreed to at the former one."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from people.models.user import User
from phrases.address_limits import within_limits


class EmailChangeQuerySet(models.QuerySet["EmailChange"]):
    def pending(self) -> Self:
        return self.filter(asked_at__gt=timezone.now() - EmailChange.LASTS)


class EmailChange(models.Model):
    """A person has one at most: a newer one takes the place of the former, whose links end with it."""

    LASTS = timedelta(hours=1)

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="email_change")
    email = models.EmailField("new e-mail address", validators=[within_limits])
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField("confirmed at the new address", null=True)
    agreed_at = models.DateTimeField("agreed to at the former address", null=True)

    objects = EmailChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "change of e-mail address"
        verbose_name_plural = "changes of e-mail addresses"

    def __str__(self) -> str:
        return f"{self.person} to {self.email}"

    @property
    def ends_at(self) -> datetime:
        return self.asked_at + self.LASTS

    @property
    def is_complete(self) -> bool:
        return self.confirmed_at is not None and self.agreed_at is not None
