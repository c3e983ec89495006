"""Send a batch over all lines of a run at once; a line that waits for its server keeps no other waiting.

In each round what the servers have answered is read, one transaction records what was accepted and announces the final
dots that are next, and only then are these written.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from delivery.departures import Departure, Departures
from delivery.recording import Recorder, Tried
from delivery.remembering import recent_route
from delivery.sessions import Line
from delivery.trouble import CROWDED
from smtp_settings.choices import Outcome, Phase
from smtp_settings.connection import wait_for_input
from smtp_settings.submission import CLOSING, Submission, SubmissionResult

SLOW_SECONDS = 1
OPENING = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.EHLO, Phase.AUTH)


@dataclass(slots=True, eq=False)
class Turn:
    """A mail under way over a line. Once its final dot is written it has `ended`, and may have a `following`."""

    line: Line
    departure: Departure
    submission: Submission
    ended: bool = False
    following: Departure | None = None

    @property
    def is_answered(self) -> bool:
        """Tell whether it need not wait for its server, or has waited long enough."""
        connection = self.submission.connection
        one_by_one = not self.ended and not self.submission.session.pipelines
        return one_by_one or connection.sock is None or connection.has_input or time.monotonic() > self.patience

    @property
    def patience(self) -> float:
        return self.submission.answer_until

    @property
    def is_revoked(self) -> bool:
        """Tell whether the route has changed under the message."""
        now, then = recent_route(self.departure.delivery), self.departure.route
        return now is not then and (now.server.key, now.sender, now.hold) != (then.server.key, then.sender, then.hold)


class Rounds:
    """`judge` is told each result that says something of the server, and answers whether to leave that alone for now.

    A line that cannot be opened beside others is taken out of `lines` and goes to `dropped`.
    """

    def __init__(
        self,
        departures: Departures,
        lines: list[Line],
        recorder: Recorder,
        judge: Callable[[Departure, SubmissionResult], bool],
    ) -> None:
        self.departures, self.lines, self.recorder, self.judge = departures, lines, recorder, judge
        self.dropped: list[Line] = []
        self.in_trouble = self.stopped = False
        self._turns: list[Turn] = []

    def run(self, stop: Callable[[], bool]) -> None:
        """Go on until all has left, the server is in trouble, or `stop` says so."""
        try:
            for line in list(self.lines):
                self._begin(line, self._take())
            while self._turns:
                ready = self._read()
                self.stopped = self.stopped or stop()
                self._give_up() if self.stopped else self._write(ready)
        except BaseException:
            for turn in self._turns:
                turn.submission.connection.close()  # the server may stand in the middle of a message
            raise
        finally:
            self.recorder.flush()

    def _take(self) -> Departure | None:
        return None if self.stopped else self.departures.take()

    def _begin(self, line: Line, departure: Departure | None) -> Turn | None:
        """Let a line carry a mail; return its turn, None where there is none."""
        while departure:
            submission = line.submission(departure.route.server, departure.envelope, departure.content)
            turn = Turn(line, departure, submission)
            if submission.begin():
                self._turns.append(turn)
                return turn
            departure = self._finish(turn)
        return None

    def _read(self) -> list[Turn]:
        """Read what servers have answered; return the turns whose final dot is next."""
        ready = []
        for answered in self._answered():
            turn: Turn | None = answered
            while turn and turn.is_answered:
                if not turn.ended and turn.submission.prepare():
                    ready.append(turn)
                    break
                turn.submission.wait()
                self._turns.remove(turn)
                turn = self._begin(turn.line, self._finish(turn))
        return ready

    def _answered(self) -> list[Turn]:
        """Wait until there is something to read; what is kept is written down before a long wait."""
        if not self._poll(0):
            self.recorder.flush()
            patience = min(turn.patience for turn in self._turns) - time.monotonic()
            if not self._poll(max(0.0, min(patience, SLOW_SECONDS))):
                self._let_idle_lines_take_over()
        return [turn for turn in self._turns if turn.is_answered]

    def _let_idle_lines_take_over(self) -> None:
        """Take what waits behind a mail without an answer back, where another line could carry it."""
        idle = [line for line in self.lines if all(turn.line is not line for turn in self._turns)]
        behind = [turn for turn in self._turns if turn.following] if idle else []
        for turn in behind:
            turn.following = self._instead(turn, None)
        for line in idle if behind else ():
            self._begin(line, self._take())

    def _poll(self, seconds: float) -> bool:
        waiting = [turn.submission.connection for turn in self._turns if not turn.is_answered]
        wait_for_input(waiting, 0 if len(waiting) < len(self._turns) else seconds)
        return any(turn.is_answered for turn in self._turns)

    def _write(self, ready: list[Turn]) -> None:
        """Announce the final dots of `ready`, and write those that may be."""
        unchanged = [turn.departure.delivery for turn in ready if not turn.is_revoked]
        held = self.recorder.announce(unchanged) if unchanged else set()
        for turn in ready:
            if turn.departure.delivery.pk in held:
                self._end(turn)
            else:
                turn.submission.stop()
                self._turns.remove(turn)
                self._begin(turn.line, self._finish(turn))

    def _end(self, turn: Turn) -> None:
        turn.following = self._take()
        goes_on = turn.following and turn.line.serves(turn.following.route.server)
        turn.submission.end(turn.following.envelope if turn.following and goes_on else None)
        turn.ended = True

    def _finish(self, turn: Turn) -> Departure | None:
        """Record what became of a mail; return which one its line carries next."""
        line, departure, result = turn.line, turn.departure, turn.submission.result
        assert result is not None
        if result.outcome == Outcome.SERVER and line.messages > 1 and result.code in (None, CLOSING):
            line.renew(departure.route.server)  # it let go of a connection that had served: nothing is wrong with it
            return self._instead(turn, departure)
        if self._may_do_without(line, result):
            self.lines.remove(line)
            self.dropped.append(line)
            self.departures.put_back(departure)
            return None
        self.recorder.record(Tried(departure.delivery, departure.route, result))
        if not result.accepted:
            self.departures.not_accepted(departure)
        self.in_trouble = self.judge(departure, result) or self.in_trouble
        self.stopped = self.stopped or self.in_trouble
        return self._instead(turn, None) if self.stopped else turn.following or self._take()

    def _may_do_without(self, line: Line, result: SubmissionResult) -> bool:
        """Tell whether a line could not be opened and there are others, without the server saying why."""
        not_opened = result.outcome == Outcome.SERVER and result.phase in OPENING
        return not_opened and result.code not in CROWDED and len(self.lines) > 1

    def _instead(self, turn: Turn, departure: Departure | None) -> Departure | None:
        """Let the following wait again; return `departure`."""
        if turn.following:
            self.departures.put_back(turn.following)
        return departure

    def _give_up(self) -> None:
        """Drop what is not at its final dot; the others are waited for."""
        for turn in [turn for turn in self._turns if not turn.ended]:
            turn.submission.connection.close()
            self.departures.put_back(turn.departure)
            self._turns.remove(turn)
