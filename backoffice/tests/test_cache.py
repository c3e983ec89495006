"""The cache: where Redis is away, nothing fails and throttles still count."""

import time

import pytest
import time_machine

from backoffice.cache import RETRY_AFTER_SECONDS, SteadyCache

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def cache() -> SteadyCache:
    SteadyCache._away_until.clear()
    steady = SteadyCache(NOWHERE, {"OPTIONS": {"socket_connect_timeout": 1}})
    steady.clear()
    return steady


def test_what_is_kept_while_redis_is_away_is_found_again(cache: SteadyCache) -> None:
    cache.set("one", 1)
    cache.set_many({"two": 2, "three": 3})
    assert cache.get("one") == 1
    assert cache.get_many(["two", "three"]) == {"two": 2, "three": 3}
    assert cache.incr("one") == 2


def test_a_lock_is_held_by_one_while_redis_is_away(cache: SteadyCache) -> None:
    assert cache.add("lock", True)
    assert not cache.add("lock", True)
    cache.delete("lock")
    assert cache.add("lock", True)


def test_redis_is_left_alone_for_a_while_after_it_failed(cache: SteadyCache) -> None:
    cache.set("one", 1)
    assert cache.is_away
    with time_machine.travel(time.time() + RETRY_AFTER_SECONDS + 1):
        assert cache.get("one") == 1


def test_processes_share_what_is_kept_in_redis(valkey: str) -> None:
    one, other = SteadyCache(valkey, {}), SteadyCache(valkey, {})
    one.set("shared", [1.5, 2.5])
    assert other.get("shared") == [1.5, 2.5]
    assert not other.own.has_key("shared")


def test_another_server_is_not_held_for_away(cache: SteadyCache) -> None:
    cache.set("one", 1)
    assert not SteadyCache("redis://127.0.0.1:2/0", {}).is_away
