"""What anybody can cause as often as they like is recorded less and less often, with its number."""

from people.audit_repeated import SINGLY_MAX, worth_an_entry


def recorded(times: int, *, place: str = "here", about: str = "alice") -> list[int]:
    """Return which of so many times are worth an entry, by their numbers."""
    found = (worth_an_entry("sign_in.fail", about, place) for _ in range(times))
    return [number.count or 0 if number else 1 for worth, number in found if worth]


def test_each_time_twice_as_many_are_waited_for() -> None:
    assert recorded(40) == [1, 2, 4, 8, 16, 32]


def test_one_account_from_many_addresses_has_a_limit_too() -> None:
    entries = [entry for place in range(2000) for entry in recorded(1, place=str(place))]
    assert entries == [*[1] * SINGLY_MAX, 64, 128, 256, 512, 1024]


def test_accounts_and_addresses_are_counted_apart() -> None:
    assert recorded(3) == [1, 2]
    assert recorded(3, about="bob") == [1, 2]
    assert recorded(3, place="there") == [1, 2]
