"""What the benchmarks count with, since a wrong count would be a wrong figure."""

import pytest

from benchmarks import roll_up
from benchmarks.asyncio_sink import FULL, RECIPIENT, of_recipients
from benchmarks.chaos.counting import Balance, Promised, Tracked, balance
from benchmarks.doors.rounds import Rounds, medians
from benchmarks.programs.crowd import shared_out
from benchmarks.programs.http_client import body, is_whole

DANA, ERIN = ("<1@shop.test>", "dana@customers.test"), ("<2@shop.test>", "erin@customers.test")


def sent(mail: tuple[str, str], *, flagged: bool = False) -> Tracked:
    return Tracked(mail, "SENT", "", possible_duplicate=flagged)


def counted(tracked: list[Tracked], taken: dict[tuple[str, str], int], promised: Promised) -> Balance:
    return balance(tracked, taken, promised, slowest_recovery_seconds=0)


def test_mail_that_a_door_accepted_and_the_outbox_lacks_is_lost() -> None:
    found = counted([sent(DANA)], {DANA: 1}, Promised(addresses=[DANA[1], ERIN[1]]))
    assert (found.accepted, found.lost) == (2, 1)
    assert not found.keeps_the_promise


def test_mail_that_is_in_the_outbox_twice_breaks_the_promise_unless_its_caller_was_in_doubt() -> None:
    again = ("<3@shop.test>", DANA[1])
    tracked, taken = [sent(DANA), sent(again)], {DANA: 1, again: 1}
    doubled = counted(tracked, taken, Promised(addresses=[DANA[1]], once=[DANA[1]]))
    in_doubt = counted(tracked, taken, Promised(addresses=[DANA[1]], once=[DANA[1]], in_doubt=[DANA[1]]))
    assert (doubled.doubled, doubled.in_doubt, doubled.keeps_the_promise) == (1, 0, False)
    assert (in_doubt.doubled, in_doubt.in_doubt, in_doubt.keeps_the_promise) == (0, 1, True)


def test_a_message_that_was_accepted_twice_and_sent_twice_has_no_further_copy() -> None:
    found = counted([sent(DANA), sent(DANA)], {DANA: 2}, Promised())
    assert (found.copies, found.unflagged_copies) == (0, 0)


def test_a_copy_beyond_those_accepted_has_to_be_flagged() -> None:
    assert counted([sent(DANA), sent(ERIN)], {DANA: 2, ERIN: 1}, Promised()).unflagged_copies == 1
    assert counted([sent(DANA, flagged=True)], {DANA: 2}, Promised()).unflagged_copies == 0


def test_sound_mail_that_a_door_refused_for_good_breaks_the_promise() -> None:
    assert not counted([], {}, Promised(refused=[DANA[1]])).keeps_the_promise


def test_everybody_runs_once_in_each_round_and_the_median_counts() -> None:
    order, speeds = list[str](), iter((5, 100, 1, 200, 3, 300))

    def runs(name: str) -> float:
        order.append(name)
        return next(speeds)

    found = Rounds(3).run({"product": lambda: runs("product"), "peer": lambda: runs("peer")})
    assert order == ["product", "peer"] * 3
    assert medians(found) == {"product": 3, "peer": 200}


def test_connections_share_out_each_number_once() -> None:
    done = list[int]()
    found = shared_out(["first", "second", "third"], 100, lambda _, number: done.append(number))
    assert sorted(done) == list(range(100))
    assert found["p50"] <= found["p95"]


def test_what_one_connection_is_refused_ends_the_run() -> None:
    def refused(connection: str, number: int) -> None:
        raise ConnectionError(number)

    with pytest.raises(ConnectionError):
        shared_out(["first", "second"], 10, refused)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\n2\r\n{}\r\n0\r\n\r\n"],
)
def test_an_answer_is_whole_only_with_its_last_octet(answer: bytes) -> None:
    assert is_whole(answer)
    assert not any(is_whole(answer[:length]) for length in range(len(answer)))


def test_no_two_messages_of_batches_have_the_same_recipient() -> None:
    recipients = [part for number in range(3) for part in body(number, 10).split(b'"') if b"@users.test" in part]
    assert len(set(recipients)) == 30


def test_the_cost_of_figures_is_by_stage_and_in_all() -> None:
    without: roll_up.Cpu = {"accepting": (2.0, 1.0), "sending": (3.0, 2.0)}
    cpu: roll_up.Cpu = {"accepting": (3.0, 1.0), "sending": (3.0, 2.0), "counting": (0.5, 0.5)}
    found = {row[0]: row[1:] for row in roll_up.rows({roll_up.WITHOUT: [without], roll_up.WITH: [cpu]}, 1_000_000)}
    assert found["accepting, product"] == ("2.0", "3.0", "1.500", "1.50 to 1.50")
    assert found["counting, database"] == ("", "0.5", "", "")
    assert found["all"] == ("8.0", "10.0", "1.250", "1.25 to 1.25")


def test_each_so_many_th_recipient_has_a_full_mailbox() -> None:
    replies, nobody = of_recipients(3), of_recipients(0)
    assert [next(replies) for _ in range(6)] == [RECIPIENT, RECIPIENT, FULL] * 2
    assert [next(nobody) for _ in range(3)] == [RECIPIENT] * 3
