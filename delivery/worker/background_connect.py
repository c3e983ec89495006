"""Open a further line in a thread of its own, so that the mail under way over the others does not wait for it."""

import logging
import threading

from django.db import connections

from delivery.models import ConnectionSlot
from delivery.worker.connection_pool import Line, lines
from delivery.worker.server_health import CROWDED
from smtp_settings.models import ServerHealth
from smtp_settings.transport.session import SessionFailed

logger = logging.getLogger(__name__)


class Opening:
    """Begins at once. A line that is not wanted any more when it is open is given back by itself."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.succeeded = self.is_over = False
        self._unwanted = False
        self._lock = threading.Lock()
        threading.Thread(target=self._run, daemon=True, name="opening").start()

    def give_back(self) -> None:
        """Give the line back, now or as soon as the thread has come to its end."""
        with self._lock:
            self._unwanted = True
            if not self.is_over:
                return
        lines.give_back(self.line)

    def _run(self) -> None:
        try:
            self.succeeded = self._open()
        finally:
            with self._lock:
                self.is_over = True
            if self._unwanted:
                lines.give_back(self.line)
            connections.close_all()

    def _open(self) -> bool:
        """A failure says nothing of the server, which serves other lines, unless it says that these are too many."""
        server = self.line.session.server
        try:
            self.line.session.open()
        except SessionFailed as failure:
            logger.info("A further connection to %s was not opened: %s", server, failure.text)
            if failure.code in CROWDED:
                in_use = ConnectionSlot.objects.in_use(server.key).count()
                ServerHealth.of(server.key).note_crowded(in_use)
            return False
        return True
