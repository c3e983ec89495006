"""Send a batch over all lines of a run at once; a line that waits for its server keeps no other waiting.

In each round what the servers have answered is read, one transaction records what was accepted and announces the final
dots that are next, and only then are these written.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from delivery.models.leasing import LEASE_SECONDS
from delivery.outbox.route_cache import recent_route
from delivery.worker.connection_pool import Line
from delivery.worker.outgoing import Departure, Departures
from delivery.worker.recording import Recorder, Tried
from smtp_settings.choices import Outcome
from smtp_settings.transport.connection import wait_for_input
from smtp_settings.transport.failures import OUT_OF_STEP
from smtp_settings.transport.submission import CLOSING, Submission, SubmissionResult

SLOW_SECONDS = 1


@dataclass(slots=True, eq=False)
class Turn:
    """A mail under way over a line."""

    line: Line
    departure: Departure
    submission: Submission

    @property
    def is_revoked(self) -> bool:
        """Return whether the route has changed under the message."""
        now, then = recent_route(self.departure.delivery), self.departure.route
        return now is not then and (now.server.key, now.sender, now.hold) != (then.server.key, then.sender, then.hold)

    @property
    def was_let_go(self) -> bool:
        """Return whether only a connection that had served before came to its end: nothing is wrong with the server.

        The mail goes on over a fresh one, where this cannot be said of it again.
        """
        result = self.submission.result
        had_served = self.line.messages > 1 and not self.submission.has_opened
        return (
            had_served
            and result is not None
            and result.outcome == Outcome.SERVER_UNAVAILABLE
            and (result.code in (None, CLOSING) or result.kind == OUT_OF_STEP)
        )


class Rounds:
    """`judge` is told each result and answers whether to leave the server alone for now; `release` takes idle lines.

    `kept_waiting` is called once, where servers do not answer for `SLOW_SECONDS`.

    No mail is begun after `until`, a time of the monotonic clock, or once `ending` says that this process ends.
    """

    def __init__(
        self,
        departures: Departures,
        recorder: Recorder,
        *,
        judge: Callable[[Departure, SubmissionResult], bool],
        release: Callable[[Line], None],
        kept_waiting: Callable[[], None],
        ending: Callable[[], bool],
        until: float,
    ) -> None:
        self.departures, self.recorder = departures, recorder
        self.judge, self.release, self.ending, self.until = judge, release, ending, until
        self.in_trouble = self.is_slow = False
        self.kept_waiting = kept_waiting
        self._turns: list[Turn] = []
        self._idle: list[Line] = []

    def run(self, lines: list[Line]) -> None:
        """Go on until all has left or nothing more may be begun, and what is at its final dot has been answered."""
        try:
            for line in lines:
                self._begin(line, self._take())
            while self._turns:
                ready = self._read()
                self._give_up() if self._stops else self._write(ready)
        except BaseException:
            for turn in self._turns:
                turn.submission.connection.close()  # the server may stand in the middle of a message
            raise
        finally:
            self.recorder.flush()

    @property
    def _stops(self) -> bool:
        """Return whether what is not at its final dot is to be dropped."""
        return self.in_trouble or self.ending()

    def _take(self) -> Departure | None:
        return None if self._stops or time.monotonic() > self.until else self.departures.take()

    def _begin(self, line: Line, departure: Departure | None) -> Turn | None:
        """Let a line carry a mail; return its turn, None where there is none."""
        while departure:
            submission = line.submission(departure.route.server, departure.envelope, departure.content)
            turn = Turn(line, departure, submission)
            if submission.begin():
                self._turns.append(turn)
                return turn
            departure = self._finish(turn)
        self._idle.append(line)
        return None

    def _read(self) -> list[Turn]:
        """Read what servers have answered; return the turns whose final dot is next."""
        ready = []
        for answered in self._answered():
            turn: Turn | None = answered
            while turn and turn.submission.may_go_on:
                if not turn.submission.has_ended and turn.submission.prepare():
                    ready.append(turn)
                    break
                turn.submission.wait()
                self._turns.remove(turn)
                turn = self._begin(turn.line, self._finish(turn))
        return ready

    def _answered(self) -> list[Turn]:
        """Wait until there is something to read; what is kept is written down before a long wait."""
        answered = self._poll(0)
        if answered:
            return answered
        self.recorder.flush()
        until = min(time.monotonic() + SLOW_SECONDS, *(turn.submission.answer_until for turn in self._turns))
        while not answered and (rest := until - time.monotonic()) > 0:
            answered = self._poll(rest)
        if not answered:
            self._use_idle_lines()
            if not self.is_slow:
                self.is_slow = True
                self.kept_waiting()
        return answered

    def _poll(self, seconds: float) -> list[Turn]:
        """Wait for servers, unless there is a turn that need not wait; return the turns that may go on."""
        at_once = any(turn.submission.may_go_on for turn in self._turns)
        wait_for_input([turn.submission.connection for turn in self._turns], 0 if at_once else seconds)
        return [turn for turn in self._turns if turn.submission.may_go_on]

    def _use_idle_lines(self) -> None:
        """While a server keeps us waiting: idle lines carry what waits behind it, or are there for others."""
        idle, self._idle = self._idle, []
        for line in idle:
            self._begin(line, self._take())
        for line in self._idle:
            self.release(line)
        self._idle = []

    def _write(self, ready: list[Turn]) -> None:
        """Announce the final dots of `ready`, and write those that may be, all while the lease surely holds."""
        if not ready:
            return
        began = time.monotonic()
        held = self.recorder.announce([turn.departure.delivery for turn in ready if not turn.is_revoked])
        for turn in ready:
            if turn.departure.delivery.pk in held and time.monotonic() - began < LEASE_SECONDS:
                turn.submission.end()
            else:
                turn.submission.stop()
                self._turns.remove(turn)
                self._begin(turn.line, self._finish(turn))

    def _finish(self, turn: Turn) -> Departure | None:
        """Record what became of a mail; return which one its line carries next."""
        line, departure, result = turn.line, turn.departure, turn.submission.result
        assert result is not None
        if turn.was_let_go and not self._stops:
            line.renew(departure.route.server)
            return departure
        self.recorder.record(Tried(departure.delivery, departure.route, result))
        if not result.accepted:
            self.departures.uncount(departure)
        self.in_trouble = self.judge(departure, result) or self.in_trouble
        return self._take()

    def _give_up(self) -> None:
        """Drop what is not at its final dot; the others are waited for."""
        for turn in [turn for turn in self._turns if not turn.submission.has_ended]:
            turn.submission.connection.close()
            self.departures.put_back(turn.departure)
            self._turns.remove(turn)
