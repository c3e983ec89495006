"""The Celery application; every setting of it is in `backoffice.settings`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def take_back_what_the_dead_left(**_: Any) -> None:
    """Look for abandoned leases from the start and with each heartbeat, also while broker and beat are away."""
    from delivery.tasks import recover
    from delivery.worker import heartbeat

    heartbeat.keep(recover)


@worker_shutting_down.connect
def stop_after_the_present_mail(**_: Any) -> None:
    """End each run over the outbox in order, so that a restart leaves no mail in doubt."""
    from delivery.worker.queue_run import stopping

    stopping.set()
