"""How much an application has sent on a day (UTC), for its daily limit; the figures outlive the log."""

from datetime import date

from django.db import models
from django.db.models import F

from whitelabel.models import Application


class DailyCount(models.Model):
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="daily_counts")
    day = models.DateField()
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "day"], name="count_once_per_day")]

    def __str__(self) -> str:
        return f"{self.application}, {self.day}: {self.sent}"

    @classmethod
    def of(cls, application: Application, day: date) -> int:
        """Return how many messages were counted."""
        return cls.objects.filter(application=application, day=day).values_list("sent", flat=True).first() or 0

    @classmethod
    def take(cls, application: Application, day: date, *, limit: int) -> bool:
        """Count one message of `application` unless `limit` is reached; return whether it was counted."""
        cls.objects.get_or_create(application=application, day=day)
        below = cls.objects.filter(application=application, day=day, sent__lt=limit)
        return below.update(sent=F("sent") + 1) == 1

    @classmethod
    def give_back(cls, application: Application, day: date) -> None:
        cls.objects.filter(application=application, day=day, sent__gt=0).update(sent=F("sent") - 1)
