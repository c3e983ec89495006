"""The cache: where Redis is away, nothing fails and throttles still count."""

import pickle
import time
from pathlib import Path

import pytest
import redis
import time_machine
from django.conf import LazySettings

from backoffice.cache import RETRY_AFTER_SECONDS, SteadyCache

NOWHERE = "redis://127.0.0.1:1/0"
AS_JSON = {"serializer": "backoffice.cache.JsonSerializer"}


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


class Evil:
    """What a pickle makes when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.path,))


@pytest.fixture
def as_in_settings(valkey: str, settings: LazySettings) -> SteadyCache:
    return SteadyCache(valkey, {"OPTIONS": settings.CACHES["default"]["OPTIONS"]})


def test_what_somebody_writes_into_redis_runs_nothing(as_in_settings: SteadyCache, valkey: str, tmp_path: Path) -> None:
    written = [pickle.dumps(Evil(tmp_path / "ran")), b"[" * 100_000, b"\xff", b"", b"9" * 5000]
    for content in written:
        redis.Redis.from_url(valkey).set(as_in_settings.make_key("planted"), content)
        as_in_settings.get("planted")
        as_in_settings.get_many(["planted"])
    assert not (tmp_path / "ran").exists()


def test_values_come_back_and_what_has_no_form_in_json_is_not_kept(as_in_settings: SteadyCache) -> None:
    for value in (7, 1.5, True, None, "text", [1.5, 2.5], {"a": [1]}):
        as_in_settings.set("value", value)
        assert as_in_settings.get("value") == value
    as_in_settings.set("value", object())
    assert as_in_settings.get("value") is None
    as_in_settings.set("count", 1)
    assert as_in_settings.incr("count") == 2


@pytest.mark.parametrize("store", ["SET {key} seven", f"SET {{key}} {2**63 - 1}", "RPUSH {key} 1", "HSET {key} a b"])
def test_a_counter_of_somebody_else_is_forgotten_and_redis_not_held_for_away(valkey: str, store: str) -> None:
    steady = SteadyCache(valkey, {"OPTIONS": AS_JSON})
    steady.set("other", 1)
    with redis.from_url(valkey) as client:
        client.execute_command(*store.format(key=steady.make_key("counter")).split())
    assert counted_in(steady, "counter") == 1
    assert not steady.is_away
    assert counted_in(steady, "counter") == 2
    assert steady.get("other") == 1


def counted_in(cache: SteadyCache, name: str) -> int:
    """Count as `people.throttling` does."""
    cache.add(name, 0, timeout=60)
    try:
        return cache.incr(name)
    except ValueError:
        cache.add(name, 1, timeout=60)
        return 1


@pytest.mark.parametrize("store", ["SET {key} seven", "RPUSH {key} 1"])
def test_nothing_is_read_from_a_value_of_another_kind(valkey: str, store: str) -> None:
    steady = SteadyCache(valkey, {"OPTIONS": AS_JSON})
    with redis.from_url(valkey) as client:
        client.execute_command(*store.format(key=steady.make_key("value")).split())
    assert steady.get("value", "nothing") in ("nothing", None)
    assert not steady.is_away
