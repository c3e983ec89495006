"""A new password that somebody asked for: by the address they typed, whether there is an account or not."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from people.models.user import User
from phrases.address_limits import within_limits

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class PasswordResetQuerySet(models.QuerySet["PasswordReset"]):
    def waiting(self) -> Self:
        return self.filter(mailed_at=None)

    def is_within_limits(self, person: User) -> bool:
        """Return whether `person` may be sent one more link; ask with the person's row locked."""
        mailed, now = self.filter(person=person), timezone.now()
        return (
            mailed.filter(mailed_at__gt=now - HOUR).count() < PasswordReset.MOST_AN_HOUR
            and mailed.filter(mailed_at__gt=now - DAY).count() < PasswordReset.MOST_A_DAY
        )

    def old(self) -> Self:
        return self.filter(mailed_at__lte=timezone.now() - DAY)


class PasswordReset(models.Model):
    """Waits until a worker looks for the account; is kept for a day where a link was mailed, and else goes at once."""

    MOST_AN_HOUR = 3
    MOST_A_DAY = 10

    email = models.EmailField(validators=[within_limits])
    asked_at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    mailed_at = models.DateTimeField(null=True, db_index=True)

    objects = PasswordResetQuerySet.as_manager()

    def __str__(self) -> str:
        return self.email
