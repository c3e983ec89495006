"""A broker that is there and does not answer, as behind a broken network."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app

from delivery.outbox import broker

PATIENCE_SECONDS = 15  # it takes two; a worker, with the same options, would wait for thirty


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield server


def connections(server: socket.socket) -> int:
    count = 0
    try:
        while True:
            server.accept()[0].close()
            count += 1
    except BlockingIOError:
        return count


def test_a_broker_that_does_not_answer_keeps_nobody_waiting(silent: socket.socket) -> None:
    began = time.monotonic()
    assert not broker.start("nobody.runs.it", 1)
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert connections(silent) > 0


def test_it_is_left_alone_for_a_while_then(silent: socket.socket) -> None:
    broker.start("nobody.runs.it", 1)
    connections(silent)
    assert not broker.start("nobody.runs.it", 2)
    assert connections(silent) == 0
