"""The pictures of README and docs/: each is shown, each is there, and what they show adds up."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from delivery.figures.reading import PERIODS
from delivery.models import Delivery, HourlyFigure
from delivery.models.figures import EVERYBODY
from testing import mail_history

ROOT = Path(__file__).resolve().parents[2]
PICTURE = re.compile(r"!\[[^\]]+\]\((?:docs/)?images/([\w-]+\.png)\)")


def test_every_picture_is_shown_and_every_one_that_is_shown_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in PICTURE.findall(page.read_text())}
    assert shown == {path.name for path in (ROOT / "docs" / "images").iterdir()}


@pytest.mark.django_db
def test_a_month_of_mail_is_counted_and_nothing_of_it_is_left_to_send(settings: LazySettings) -> None:
    settings.DEBUG = True
    call_command("demo")
    waiting = set(Delivery.objects.values_list("pk", flat=True))
    mail_history.make()
    made = Delivery.objects.exclude(pk__in=waiting)
    assert set(made.values_list("status", flat=True)) == {"SENT", "FAILED"}
    assert not made.due(timezone.now() + timedelta(days=365)).exists()
    counted = HourlyFigure.objects.filter(tenant=EVERYBODY).values_list("deliveries", flat=True)
    assert sum(counted) == made.count() > PERIODS[-1].bars * 10
