"""`manage.py smtp_submission`: one process of SMTP submission; any number may run, on any number of hosts."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from delivery.message.validation import MAX_RECIPIENTS
from gateway.keys.rotation import KEYS
from gateway.smtp.acceptance import most_octets
from gateway.smtp.certificate import Certificate
from gateway.smtp.door import Door
from gateway.smtp.limits import Quota
from smtp_settings.key_ring import OpensNothing, require_fitting
from smtp_settings.rotation import SECRETS

new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop
except ImportError:  # not for this machine: asyncio's own does the same with more work
    from asyncio import new_event_loop

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Take mail of applications by SMTP submission, as the settings SUBMISSION_… say, until SIGTERM or SIGINT."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SUBMISSION_CERTIFICATE:
            raise CommandError("SUBMISSION_CERTIFICATE names no certificate; without TLS nobody can sign in.")
        try:
            require_fitting([*SECRETS, KEYS])
        except OpensNothing as error:
            raise CommandError(f"Cannot start: {error}", returncode=2) from error
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's, which tells what clients say
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(self._serve())
        except OSError as error:
            raise CommandError(f"SMTP submission cannot start: {error}") from error

    async def _serve(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        door = _door()
        hosts = settings.SUBMISSION_LISTEN or None
        ports = (settings.SUBMISSION_LISTEN_PORT, settings.SUBMISSION_LISTEN_TLS_PORT)
        await door.listen(hosts, ports[0], secure=False)
        await door.listen(hosts, ports[1], secure=True)
        gc.collect()
        gc.freeze()  # what lives as long as the process is passed over: to look at it takes a tenth of a second
        at = ", ".join(hosts or ["every address"])
        self.stdout.write(f"SMTP submission on {at}, ports {ports[0]} (STARTTLS) and {ports[1]} (implicit TLS)")
        await stop.wait()
        await door.shut()


def _door() -> Door:
    return Door(
        name=settings.SUBMISSION_HOST or settings.MAIL_NAME,
        certificate=Certificate(settings.SUBMISSION_CERTIFICATE, settings.SUBMISSION_CERTIFICATE_KEY),
        most_octets=most_octets(),
        most_recipients=MAX_RECIPIENTS,
        addresses=Quota(settings.SUBMISSION_CONNECTIONS_PER_ADDRESS),
        keys=Quota(settings.SUBMISSION_CONNECTIONS_PER_KEY),
        threads=ThreadPoolExecutor(settings.SUBMISSION_THREADS, "submission"),
        balancers=[str(network) for network in settings.SUBMISSION_PROXY_FROM],
    )
