"""Whoever can write to the broker can write anything: it is dropped with a line, does nothing, and ends no worker."""

import base64
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from backoffice.broker_items import DROPPED, Broken, require_task
from backoffice.celery import app
from testing.processes import WORKER, ProcessFactory, ProductProcess, wait_until

QUEUE = "celery"
SOUND_TASK, TASK_WITH_ID = "smtp_settings.tasks.give_up_checks", "smtp_settings.tasks.run_check"


@pytest.fixture
def broker(valkey: str) -> Iterator["Redis"]:
    app.loader.import_default_modules()
    with Redis.from_url(valkey) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def sound(redis: "Redis", task: str = SOUND_TASK, *args: object) -> dict[str, Any]:
    """Return an item as the product's own processes write it."""
    app.send_task(task, args)
    written: dict[str, Any] = json.loads(redis.lpop(QUEUE))  # type: ignore[arg-type]
    return written


def with_body(item: dict[str, Any], content: object, **changed: object) -> dict[str, Any]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return item | {"body": base64.b64encode(body).decode()} | changed


class Evil:
    """What a pickle makes when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return open, (str(self.path), "w")


def pickled(item: dict[str, Any], folder: Path) -> dict[str, Any]:
    content = pickle.dumps(([Evil(folder / "pickled")], {}, {}))
    return with_body(item, content, **{"content-type": "application/x-python-serialize", "content-encoding": "binary"})


EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
HEADERS: dict[str, list[Any]] = {
    "task": ["os.system", "celery.map", "", [], {}, None, 1],
    "eta": ["soon", [], 1],
    "expires": ["soon", {}, []],
    "retries": [[]],
    "id": [{}],
    "argsrepr": ["x" * 5_000],
    "origin": [{}],
}
BODIES: list[Any] = [
    *({}, [], "text", None, [[], {}], [{}, [], EMBED], [[], {}, []], [[], {}, EMBED, 1], b"\xff", b"{", b"[" * 50_000),
    [[], {}, EMBED | {"callbacks": [{"task": TASK_WITH_ID, "args": [1]}]}],
    [[], {}, EMBED | {"chain": [{"task": TASK_WITH_ID, "args": [1]}]}],
]
ARGUMENTS: list[tuple[list[Any], dict[str, Any]]] = [
    *(([], {}), ([1, 2], {}), (["1"], {}), ([None], {}), ([True], {}), ([1.5], {}), ([], {"x": 1})),
    (["x" * 5_000_000], {}),
]
NO_OBJECTS: list[Any] = [[], "x", 1, None, True]


def broken(item: dict[str, Any], with_id: dict[str, Any], folder: Path) -> list[Any]:
    """Return items that are no tasks."""
    headers, properties = item["headers"], item["properties"]
    return [
        *({key: value for key, value in item.items() if key != name} for name in item),
        *(item | {"headers": {key: headers[key] for key in headers if key != name}} for name in ("id", "task")),
        *(item | {"headers": headers | {name: value}} for name, values in HEADERS.items() for value in values),
        *(with_body(item, content) for content in BODIES),
        *(with_body(with_id, [args, kwargs, EMBED]) for args, kwargs in ARGUMENTS),
        item | {"body": "é"},
        item | {"content-type": "application/x-yaml"},
        item | {"properties": []},
        item | {"properties": properties | {"delivery_tag": {}}},
        item | {"properties": properties | {"delivery_info": 1}},
        item | {"headers": None},
        pickled(item, folder),
        *NO_OBJECTS,
    ]


NO_JSON = [b"", b"x", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"NaN,", pickle.dumps({"a": 1})]


def test_what_the_product_writes_is_a_task(broker: "Redis") -> None:
    require_task(sound(broker))
    require_task(sound(broker, TASK_WITH_ID, 1))


def test_what_is_broken_is_told_from_it(broker: "Redis", tmp_path: Path) -> None:
    items = broken(sound(broker), sound(broker, TASK_WITH_ID, 1), tmp_path)
    assert [item for item in items if not _is_broken(item)] == []
    assert not (tmp_path / "pickled").exists()


def _lines_of(worker: ProductProcess) -> list[str]:
    return [line for line in worker.said.splitlines() if DROPPED.partition("%")[0] in line]


def _is_broken(item: object) -> bool:
    try:
        require_task(item)
    except Broken:
        return True
    return False


@pytest.mark.usefixtures("transactional_db")
def test_each_broken_item_costs_a_real_worker_a_line(
    broker: "Redis", tmp_path: Path, process_factory: ProcessFactory
) -> None:
    whole = sound(broker)
    items = [json.dumps(item) for item in broken(whole, sound(broker, TASK_WITH_ID, 1), tmp_path)]
    said_to_all = [pickled(whole, tmp_path), whole | {"body": 1}, whole | {"headers": None}]
    worker = process_factory([*WORKER, "-l", "INFO"])
    worker.wait_for("ready.")
    broker.lpush(QUEUE, *NO_JSON, *items)
    in_json = [json.dumps(item).encode() for item in said_to_all]
    for content in (*in_json, b"[" * 100_000, pickle.dumps({"method": "shutdown"})):
        broker.publish("/0.celery.pidbox", content)
    wait_until(lambda: not broker.llen(QUEUE), 60, lambda: worker.said)
    app.send_task(SOUND_TASK)
    worker.wait_for(f"{SOUND_TASK}[")
    worker.wait_for("succeeded")
    number = len(NO_JSON) + len(items) + len(said_to_all) + 1
    wait_until(lambda: len(_lines_of(worker)) >= number, 30, lambda: worker.said)
    assert worker.runs
    assert (len(_lines_of(worker)), max(map(len, _lines_of(worker))) < 400) == (number, True)
    assert worker.said.count("Traceback") <= 1  # kombu's, of what all are told that is no JSON
    assert not (tmp_path / "pickled").exists()
    assert broker.hlen("unacked") == 0
