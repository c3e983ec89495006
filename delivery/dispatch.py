"""Hand the due mail of one server to that server, over a few connections, for a bounded time."""

import threading
import time

from delivery import heartbeat
from delivery.claiming import Batch, claim
from delivery.departures import Departure, Departures
from delivery.models.leasing import BEFORE_ALL
from delivery.recording import Recorder
from delivery.rounds import Rounds
from delivery.seats import seats
from delivery.sessions import Line, lines
from delivery.trouble import note
from delivery.waking import MERGE_SECONDS, wake
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.submission import SubmissionResult

DRAIN_SECONDS = 50
FIRST_BATCH, LARGEST_BATCH = 10, 400
QUICK_BATCH_SECONDS, LONGEST_BATCH_SECONDS = 2, 20
HELP_EVERY_SECONDS = 1
MOST_LINES = 3

stopping = threading.Event()  # set when this process is told to end: each run stops after its present mail


class Drain:
    """One run over the due mail of one server."""

    def __init__(self, server_key: str) -> None:
        self.server_key = server_key
        self.lines: list[Line] = []
        self.sent = 0
        self.stopped = False
        self.size = FIRST_BATCH
        self.wanted, self.most_lines = 1, MOST_LINES
        self.asked = 0.0
        self.has_waited = False

    def run(self) -> int:
        """Work until nothing is due, the server is in trouble or the time is up; return how many mails were sent."""
        until, tenant = time.monotonic() + DRAIN_SECONDS, BEFORE_ALL
        try:
            while not self.stopped and (limit := self._may_claim()):
                started = time.monotonic()
                seats.note_look(self.server_key, last=self.has_waited)
                batch = claim(self.server_key, limit=limit, after_tenant=tenant)
                self._give_allowance_back(limit - len(batch.deliveries))
                if batch.deliveries:
                    with heartbeat.kept(batch.extend):
                        self._work_through(batch)
                    tenant = batch.last_tenant
                    self._adapt(len(batch.deliveries), limit, time.monotonic() - started)
                if not self._looks_again(len(batch.deliveries), limit):
                    break
                if time.monotonic() > until:
                    wake(self.server_key)
                    break
        finally:
            for line in self.lines:
                lines.give_back(line)
        return self.sent

    def _looks_again(self, found: int, limit: int) -> bool:
        """Tell whether to look for more mail; where that was all, wait until some has come together.

        The last look is later than any wake-up could be that was left out because this run had been woken.
        """
        was_all = found < limit
        if was_all and not self.stopped:
            if self.has_waited and not found:
                return False
            time.sleep(MERGE_SECONDS)
        self.has_waited = was_all
        return True

    def _may_claim(self) -> int:
        """Return how many mails to claim, with a line to send them by; 0 where others have all the connections.

        Mail for a server that is paused or does not answer is claimed all the same, to be held or sent elsewhere.
        """
        server, health = SmtpServer.by_key(self.server_key), ServerHealth.of(self.server_key)
        if server is None or not server.usable or health.keeps_back:
            return LARGEST_BATCH
        if health.is_open and not health.take_probe():
            return 0
        self._take_lines(server, 1 if health.is_open else self.wanted)
        if not self.lines:
            return 0
        return health.take_allowance(1 if health.is_open else self.size, per_minute=server.messages_per_minute)

    def _give_allowance_back(self, unused: int) -> None:
        """Let others have what this run was allowed for the minute and found no mail for."""
        if unused and any(line.session.server.messages_per_minute for line in self.lines):
            ServerHealth.of(self.server_key).give_allowance_back(unused)

    def _take_lines(self, server: SmtpServer, wanted: int) -> None:
        """Have up to `wanted` lines, as many as there are connections left."""
        while len(self.lines) < wanted and (line := lines.take(server)):
            self.lines.append(line)

    def _adapt(self, found: int, limit: int, seconds: float) -> None:
        """Take larger batches while they are quick, over more lines when mail comes in numbers; ask others to help.

        A batch that takes long lets urgent mail wait. Other runs find connections left: this one takes `MOST_LINES`.
        """
        quick = seconds < QUICK_BATCH_SECONDS
        self.size = min(self.size * 2, LARGEST_BATCH) if quick else max(self.size // 2, FIRST_BATCH)
        if self.sent and found >= FIRST_BATCH:
            self.wanted = self.most_lines
        if self.sent and found == limit and time.monotonic() - self.asked > HELP_EVERY_SECONDS:
            self.asked = time.monotonic()
            wake(self.server_key)

    def _work_through(self, batch: Batch) -> None:
        """Send the batch; when the server gets into trouble or is slow, the rest is given back."""
        departures, until = Departures(batch, self.server_key), time.monotonic() + LONGEST_BATCH_SECONDS
        if self.lines:
            rounds = Rounds(departures, self.lines, Recorder(batch.lease), self._judge)
            rounds.run(lambda: stopping.is_set() or time.monotonic() > until)
            self.stopped = rounds.in_trouble or stopping.is_set()
            for line in rounds.dropped:
                lines.give_back(line)
                self.most_lines = len(self.lines)
        elif departure := departures.take():  # the server has just become well again: the next run sends
            departures.put_back(departure)
            self.stopped = True
        departures.close()

    def _judge(self, departure: Departure, result: SubmissionResult) -> bool:
        """Count the mail, and tell whether to leave the server alone for now."""
        leave_alone = note(departure.route.server, result, news=not self.sent)
        self.sent += result.accepted
        return leave_alone
