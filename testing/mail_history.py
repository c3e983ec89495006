"""A month of mail behind the demo, for pictures: what its applications sent, hour by hour, and what became of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from delivery.api import send
from delivery.figures.recount import recount
from delivery.models import Attempt, Delivery, Email
from smtp_settings.choices import Outcome, Phase
from whitelabel.models import Application

DAYS, A_DAY = 30, 12  # messages of each application, on an ordinary day
BY_HOUR = (1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 9, 8, 7, 8, 9, 9, 8, 7, 6, 6, 5, 4, 3, 2)  # how much of a day's, UTC
SUBJECTS = ("Your receipt", "Your order is on its way", "Choose a new password", "Your ticket", "What is new")
NAMES = ("dana", "kim", "lee", "robin", "sascha", "toni")
FAILED = (Outcome.PERMANENT, 550, "5.1.1", "No such user here")
SENT = (Outcome.SENT, 250, "2.0.0", "Ok: queued")


@transaction.atomic
def make() -> None:
    """Write it, the same at each run; nothing of it is left to send."""
    random = Random(1)
    for application in Application.objects.filter(archived_at=None).order_by("pk"):
        for at in sorted(_times(random)):
            _message(application, at, random)
    recount()


def _times(random: Random) -> Iterator[datetime]:
    now = timezone.now()
    for day in range(DAYS):
        midnight = (now - timedelta(days=day)).replace(hour=0, minute=0, second=0, microsecond=0)
        weekend = midnight.weekday() >= 5
        for hour in random.choices(range(24), BY_HOUR, k=random.randint(A_DAY // 2, A_DAY) // (2 if weekend else 1)):
            at = midnight + timedelta(hours=hour, seconds=random.randrange(3600))
            if at < now:
                yield at


def _message(application: Application, at: datetime, random: Random) -> None:
    recipient = f"{random.choice(NAMES)}@customer.example"
    delivery = send(application, to=recipient, subject=random.choice(SUBJECTS), text="Hello").deliveries.get()
    failed = random.random() < 0.03
    outcome, code, enhanced, text = FAILED if failed else SENT
    seconds = random.lognormvariate(0.5, 0.8)
    Email.objects.filter(pk=delivery.email_id).update(accepted_at=at)
    Delivery.objects.filter(pk=delivery.pk).update(
        accepted_at=at,
        finished_at=at + timedelta(seconds=seconds),
        due_at=None,
        attempt_count=1,
        status=Delivery.Status.FAILED if failed else Delivery.Status.SENT,
        status_reason=f"{code} {enhanced} {text}" if failed else "",
    )
    Attempt.objects.create(
        delivery=delivery,
        at=at + timedelta(seconds=seconds),
        milliseconds=random.randint(60, 400),
        rule=4,
        server_name="127.0.0.1:1025",
        sender="no-reply@builder.example",
        outcome=outcome,
        phase=Phase.RCPT if failed else Phase.DONE,
        reply_code=code,
        enhanced_code=enhanced,
        reply_text=text,
    )
