"""Send N mails one at a time and see each become SENT: `python -m benchmarks.programs.product_latency N`.

Finds the median and the 95th percentile in milliseconds.
"""

import sys
import time
from statistics import quantiles
from typing import TYPE_CHECKING

import django

from benchmarks import sample
from benchmarks.programs import take_part

if TYPE_CHECKING:
    from whitelabel.models import Application

PAUSE_SECONDS = 0.3
LOOK_SECONDS = 0.002


def latencies(recipients: list[str]) -> dict[str, float]:
    from whitelabel.models import Application

    application = Application.objects.select_related("owner", "white_label").get(name="Shop")
    milliseconds = []
    for recipient in recipients:
        time.sleep(PAUSE_SECONDS)
        milliseconds.append(_one(application, recipient) * 1000)
    percentiles = quantiles(milliseconds, n=20)
    return {"p50": percentiles[9], "p95": percentiles[18]}


def _one(application: "Application", recipient: str) -> float:
    from delivery.api import send
    from delivery.models import Delivery

    started = time.perf_counter()
    email = send(application, to=recipient, subject=sample.SUBJECT, text=sample.TEXT, html=sample.HTML)
    sent = Delivery.objects.filter(email=email, status=Delivery.Status.SENT)
    while not sent.exists():
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - started


def main() -> None:
    django.setup()
    take_part(lambda: latencies(sample.recipients(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
