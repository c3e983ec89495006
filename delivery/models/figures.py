"""The figures of the delivery log, rolled up: what became of the mail accepted in an hour, and what servers answered.

Only `delivery.figures.fold` writes them, and they outlive the log. Hours and days are numbered from 1970, in UTC.
"""

from django.db import models

from delivery.models.delivery import Delivery
from smtp_settings.choices import Outcome
from tables.fields import ChoiceField

EVERYBODY = -1  # in place of an application and a tenant: the sum of all, over all servers


class Figure(models.Model):
    """How many deliveries stand where. `outcome` is the status in which they rest; what is on its way is not counted.

    `delay` is the number of a span of time from accepted to sent (`delivery.figures.delays`), 0 for all but the sent.
    """

    tenant = models.BigIntegerField(help_text="The white-label's id, 0 for the platform, -1 for all.")
    server_key = models.CharField(max_length=36)
    outcome = ChoiceField(max_length=10, choices=Delivery.Status.choices)
    delay = models.PositiveSmallIntegerField(default=0)
    deliveries = models.BigIntegerField()

    class Meta:
        abstract = True


class HourlyFigure(Figure):
    """Of the mail of one application that was accepted in one hour."""

    hour = models.PositiveIntegerField()
    application = models.BigIntegerField(help_text="Its id, 0 for mail of the platform itself, -1 for all.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "application", "tenant", "server_key", "outcome", "delay"], name="hourly_figure_once"
            ),
        ]
        indexes = [
            models.Index(fields=["application", "hour"], name="hourly_figure_application"),
            models.Index(fields=["tenant", "hour"], name="hourly_figure_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.deliveries} {self.outcome} of hour {self.hour}"


class DailyFigure(Figure):
    """Of the mail of one white-label that was accepted on one day."""

    day = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "tenant", "server_key", "outcome", "delay"], name="daily_figure_once"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "day"], name="daily_figure_tenant")]

    def __str__(self) -> str:
        return f"{self.deliveries} {self.outcome} of day {self.day}"


class ServerFigure(models.Model):
    """What a server made of the tries of one hour, by the hour of the try."""

    hour = models.PositiveIntegerField()
    server_key = models.CharField(max_length=36)
    outcome = ChoiceField(max_length=20, choices=Outcome.choices)
    tries = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "server_key", "outcome"], name="server_figure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tries} {self.outcome} of hour {self.hour} by {self.server_key}"


class StatusChange(models.Model):
    """A delivery that came to rest in a status (`change` 1) or left it (-1), until it is folded into the figures.

    Written by triggers (`delivery.figures.change_log`), in the transaction of the change. What is sent stays sent and
    is counted from the attempts, which every message has anyway.
    """

    hour = models.PositiveIntegerField()
    application = models.BigIntegerField()
    tenant = models.BigIntegerField()
    server_key = models.CharField(max_length=36)
    outcome = ChoiceField(max_length=10, choices=Delivery.Status.choices)
    change = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.change:+d} {self.outcome} of hour {self.hour}"


class FoldMark(models.Model):
    """How far the attempts are folded into the figures; one row.

    Those up to `ceiling` may be folded once all `writers` have ended, the transactions of PostgreSQL that were writing
    attempts when it was the last: each of them may still commit one with a lower id.
    """

    folded = models.BigIntegerField(default=0, help_text="The id of the last attempt that is counted.")
    ceiling = models.BigIntegerField(default=0)
    writers = models.JSONField(default=list, help_text="Virtual transaction ids of PostgreSQL.")

    def __str__(self) -> str:
        return f"up to attempt {self.folded}"
