"""Work on many rows goes on behind one that it fails for."""

import pytest

from people.models import User
from tables.one_by_one import do_for_each


def test_what_fails_for_one_is_logged_and_the_others_follow(caplog: pytest.LogCaptureFixture) -> None:
    done: list[float] = []
    do_for_each([2, 0, 4], lambda number: done.append(8 / number))
    assert done == [4.0, 2.0]
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["0"]
    assert caplog.records[0].exc_info


def test_the_log_says_which_row_it_was_and_nothing_of_what_it_holds(
    caplog: pytest.LogCaptureFixture, alice: User
) -> None:
    do_for_each([alice], lambda person: person.keys())  # type: ignore[attr-defined]
    assert f"people.User {alice.pk}" in caplog.text
    assert alice.email not in caplog.text


@pytest.mark.parametrize("ended", [KeyboardInterrupt, SystemExit])
def test_a_process_that_ends_does_not_go_on(ended: type[BaseException]) -> None:
    def end(row: object) -> None:
        raise ended

    with pytest.raises(ended):
        do_for_each([1], end)
