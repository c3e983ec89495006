"""The Celery application; every setting of it is in `backoffice.settings`."""

import gc
import os
from typing import Any

from celery import Celery
from celery.apps.worker import Worker
from celery.signals import beat_init, worker_init, worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "backoffice.broker_items:Transport")
app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_a_key_ring_that_opens_nothing(**_: Any) -> None:
    """Stop here, with a sentence, before anything is tried with it."""
    from backoffice.sealed import stop_unless_keys_fit

    stop_unless_keys_fit()


@worker_init.connect
def share_the_threads(sender: Worker, **_: Any) -> None:
    """Leave half of the threads to servers that work: of those that this worker was started with (`-c`)."""
    from delivery.worker.bulkhead import bulkhead

    bulkhead.share(sender.concurrency)


@worker_init.connect
def take_back_what_the_dead_left(**_: Any) -> None:
    """Look for abandoned leases from the start and with each heartbeat, also while broker and beat are away."""
    from delivery.tasks import recover
    from delivery.worker import heartbeat

    heartbeat.keep(recover)


@worker_ready.connect
def be_ready_for_the_first_mail(**_: Any) -> None:
    """Have done what the first run would wait for: the broker is known, and collecting garbage passes the code over.

    Some 300,000 objects of the code live as long as the process; each full collection took 90 ms to look at them.
    """
    with app.producer_pool.acquire(block=True) as producer:
        producer.connection.ensure_connection(max_retries=1)
    gc.collect()
    gc.freeze()


@worker_shutting_down.connect
def stop_after_the_present_mail(**_: Any) -> None:
    """End each run over the outbox in order, so that a restart leaves no mail in doubt."""
    from delivery.worker.queue_run import stopping

    stopping.set()
