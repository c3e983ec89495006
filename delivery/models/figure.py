"""How many mails of an application came to which end on a day (UTC); stays when the rows of the log go."""

from datetime import date

from django.db import models
from django.db.models import F

from whitelabel.models import Application


class Figure(models.Model):
    """No application means the platform itself."""

    application = models.ForeignKey(Application, null=True, on_delete=models.CASCADE, related_name="figures")
    day = models.DateField()
    status = models.CharField(max_length=10)
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        indexes = [models.Index(fields=["application", "day"], name="figure_by_day")]

    def __str__(self) -> str:
        return f"{self.application or 'The platform'}, {self.day}, {self.status}: {self.mails}"

    @classmethod
    def add(cls, application_id: int | None, day: date, status: str, mails: int) -> None:
        figure, _ = cls.objects.get_or_create(application_id=application_id, day=day, status=status)
        cls.objects.filter(pk=figure.pk).update(mails=F("mails") + mails)
