"""A batch is what a server takes in a moment: small while nothing is known of it, never so large that others wait."""

from delivery.worker.batch_size import FIRST_BATCH, FIRST_BATCH_OF_PROVEN, LARGEST_BATCH, BatchSize


def after(count: int, seconds: float) -> BatchSize:
    size = BatchSize()
    size.adapt(count, seconds)
    return size


def test_a_server_that_has_proven_itself_begins_with_more() -> None:
    assert BatchSize().wanted(proven=False) == FIRST_BATCH
    assert BatchSize().wanted(proven=True) == FIRST_BATCH_OF_PROVEN


def test_a_quick_batch_is_followed_by_a_larger_one() -> None:
    size = after(10, 0.2)
    assert (size.is_quick, size.wanted(proven=False)) == (True, 40)
    assert after(100, 0.01).wanted(proven=True) == LARGEST_BATCH


def test_a_slow_batch_is_followed_by_what_the_server_takes_in_a_moment() -> None:
    size = after(400, 4)
    assert (size.is_quick, size.wanted(proven=True)) == (False, 40)
    assert after(10, 30).wanted(proven=True) == FIRST_BATCH
