"""Hand the due mail of one server to that server, over a few connections, for a bounded time."""

import threading
import time
from contextlib import ExitStack

from django.utils import timezone

from delivery.models import Delivery
from delivery.outbox.batch import Batch, claim
from delivery.outbox.wakeups import MERGE_SECONDS, call, listen, quieten
from delivery.worker import heartbeat
from delivery.worker.background_connect import Opening
from delivery.worker.bulkhead import SOON_SECONDS, seats
from delivery.worker.connection_pool import Line, lines
from delivery.worker.outgoing import Departure, Departures
from delivery.worker.recording import Recorder
from delivery.worker.send_loop import Rounds
from delivery.worker.server_health import note
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.transport.submission import SubmissionResult

DRAIN_SECONDS = 50
FIRST_BATCH, LARGEST_BATCH = 10, 400
SHORT_BATCH_SECONDS, LONGEST_BATCH_SECONDS = 2, 20
STREAM_SECONDS = 0.1  # between two looks while mail comes in numbers
KNOWN_SECONDS = 1
HELP_EVERY_SECONDS = 1
MOST_LINES = 3

stopping = threading.Event()  # set when this process is told to end: each run stops after its present mail


class Drain:
    """One run over the due mail of one server."""

    def __init__(self, server_key: str) -> None:
        self.server_key = server_key
        self.lines: list[Line] = []
        self.opening: Opening | None = None
        self.most_lines, self.may_grow = 1, True
        self.size = FIRST_BATCH
        self.granted = self.sent = 0
        self.stopped = self.in_trouble = self.probing = self.is_quick = False
        self.in_vain = 0  # looks in a row that found nothing
        self.asked = 0.0
        self.known: tuple[float, SmtpServer | None, ServerHealth] | None = None

    def run(self) -> int:
        """Work until nothing is due, the server is in trouble or the time is up; return how many mails were sent."""
        until, limit = time.monotonic() + DRAIN_SECONDS, 1
        listen(self.server_key)
        try:
            while not self.stopped and time.monotonic() < until and (limit := self._may_claim()):
                if not self._rest(self._look(limit), limit):
                    break
        finally:
            self._let_lines_go()
            seats.note_look(self.server_key, soon_again=False)
            listen(self.server_key)
        if limit and not self.in_trouble and not seats.another_looks_soon(self.server_key) and self._is_mail_due():
            call(self.server_key)  # others have found no connection to it while this run had them
        return self.sent

    def _is_mail_due(self) -> bool:
        return Delivery.objects.due(timezone.now()).filter(server_key=self.server_key).exists()

    def _look(self, limit: int) -> int:
        """Claim a batch and work through it; return how many mails were found."""
        started, soon_again = time.monotonic(), self.is_quick and not self.in_vain
        seats.note_look(self.server_key, soon_again=soon_again)
        if soon_again:
            quieten(self.server_key)
        batch = claim(self.server_key, limit=limit)
        found = len(batch.deliveries)
        self._give_back(found)
        if found:
            with heartbeat.kept(batch.extend):
                self._work_through(batch)
            self._adapt(found, limit, time.monotonic() - started)
        return found

    def _rest(self, found: int, limit: int) -> bool:
        """Wait until some mail has come together, where that was all; return whether to look again.

        The last look is later than any wake-up could be that was left out because of this run.
        """
        self.in_vain = 0 if found else self.in_vain + 1
        if self.in_vain > 1 or seats.another_looks_soon(self.server_key):
            return False
        if found == limit or self.stopped:
            return True
        if self.in_vain:
            listen(self.server_key)
        time.sleep(STREAM_SECONDS if found >= FIRST_BATCH else MERGE_SECONDS)
        return True

    def _may_claim(self) -> int:
        """Return how many mails to claim, with a line to send them by; 0 where others have all the connections.

        Mail for a server that is paused or does not answer is claimed all the same, to be held or sent elsewhere.
        """
        self.granted, self.probing = 0, False
        server, health = self._server_and_health()
        if server is None or not server.usable or health.keeps_back:
            return LARGEST_BATCH
        self.probing = health.is_open
        self._take_lines(server)
        if not self.lines or (self.probing and not health.take_probe()):
            return 0
        self.granted = health.take_allowance(1 if self.probing else self.size, per_minute=server.messages_per_minute)
        return self.granted

    def _server_and_health(self) -> tuple[SmtpServer | None, ServerHealth]:
        """Return what is known of the server, asked for within the last second while all is well."""
        if self.known:
            at, server, health = self.known
            if time.monotonic() - at < KNOWN_SECONDS and server and server.usable and not health.is_open:
                return server, health
        self.known = time.monotonic(), SmtpServer.by_key(self.server_key), ServerHealth.of(self.server_key)
        return self.known[1:]

    def _give_back(self, found: int) -> None:
        """Let others have what this run was allowed and found no mail for."""
        if self.granted > found and any(line.session.server.messages_per_minute for line in self.lines):
            ServerHealth.of(self.server_key).give_allowance_back(self.granted - found)
        if self.probing and not found:
            ServerHealth.of(self.server_key).give_probe_back()

    def _take_lines(self, server: SmtpServer) -> None:
        """Have a line; while more are wanted, have one more opened beside the work, and take it in when it is open."""
        if self.opening and self.opening.is_over:
            further, self.opening = self.opening, None
            self.may_grow = further.succeeded
            (self.lines.append if further.succeeded else lines.give_back)(further.line)
        wanted = self.most_lines if self.may_grow and self.lines else 1
        if len(self.lines) < wanted and not self.opening and (line := lines.take(server)):
            if self.lines and not line.session.is_open:
                self.opening = Opening(line)
            else:
                self.lines.append(line)

    def _let_lines_go(self) -> None:
        with ExitStack() as stack:
            if self.opening:
                stack.callback(self.opening.give_back)
            for line in self.lines:
                stack.callback(lines.give_back, line)

    def _adapt(self, found: int, limit: int, seconds: float) -> None:
        """Take larger batches while they are quick, over more lines when mail comes in numbers; ask others to help.

        A batch that takes long lets urgent mail wait. Other runs find connections left: this one takes `MOST_LINES`,
        and only one where a server wants one command after the other, which has to be waited for. Runs of this
        process help only where the server is slow (see `seats`).
        """
        self.is_quick = seconds < SOON_SECONDS
        if seconds < SHORT_BATCH_SECONDS:
            self.size = min(self.size * (4 if self.is_quick else 2), LARGEST_BATCH)
        else:
            self.size = max(self.size // 2, FIRST_BATCH)
        if self.sent and found >= FIRST_BATCH and self.lines and self.lines[0].session.pipelines:
            self.most_lines = MOST_LINES
        if self.sent and found == limit and time.monotonic() - self.asked > HELP_EVERY_SECONDS:
            self.asked = time.monotonic()
            call(self.server_key)

    def _work_through(self, batch: Batch) -> None:
        """Send the batch; when the server gets into trouble or is slow, the rest is given back."""
        departures = Departures(batch, self.server_key)
        try:
            if self.lines:
                self._send(departures, Recorder(batch.lease))
            elif departure := departures.take():  # the server has just become well again: the next run sends
                departures.put_back(departure)
                self.stopped = True
        finally:
            departures.close()

    def _send(self, departures: Departures, recorder: Recorder) -> None:
        rounds = Rounds(
            departures,
            recorder,
            judge=self._judge,
            release=self._release,
            kept_waiting=self._call_another,
            ending=stopping.is_set,
            until=time.monotonic() + LONGEST_BATCH_SECONDS,
        )
        rounds.run(list(self.lines))
        self.in_trouble = rounds.in_trouble
        self.stopped = self.in_trouble or stopping.is_set()

    def _call_another(self) -> None:
        """Have others send what comes while the server keeps this run waiting."""
        seats.note_look(self.server_key, soon_again=False)
        listen(self.server_key)
        call(self.server_key)

    def _release(self, line: Line) -> None:
        self.lines.remove(line)
        lines.give_back(line)

    def _judge(self, departure: Departure, result: SubmissionResult) -> bool:
        """Count the mail, and return whether to leave the server alone for now."""
        leave_alone = note(departure.route.server, result, news=self.probing or not self.sent)
        self.sent += result.accepted
        return leave_alone
