"""The server that all send to: postfix's smtp-sink, or our own where that is absent or does too little."""

import os
import re
import shutil
import socket
import struct
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from benchmarks.processes import Process, wait_until

NAME = "smtp-sink"
COUNTED = re.compile(rb"mesg=(\d+)")
LINE_BYTES = 64
BACKLOG = "100"


class Sink(Protocol):
    """`count` is the number of messages taken so far."""

    name: str
    port: int
    process: Process

    @property
    def count(self) -> int: ...


class PostfixSink:
    """smtp-sink writes its counters after each message; its output is a file, so that reading costs it nothing."""

    name = "smtp-sink (postfix)"

    def __init__(self, binary: str, folder: Path, cores: Collection[int]) -> None:
        self.port = free_port()
        self._output = folder / "sink.log"
        as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = Process(
            [binary, *as_nobody, "-c", f"127.0.0.1:{self.port}", BACKLOG],
            environment=os.environ,
            log=self._output,
            cores=cores,
        )

    @property
    def count(self) -> int:
        with self._output.open("rb") as output:
            output.seek(max(0, self._output.stat().st_size - LINE_BYTES))
            found = COUNTED.findall(output.read())
        return int(found[-1]) if found else 0


class OwnSink:
    name = "asyncio sink of the benchmark"

    def __init__(
        self, folder: Path, cores: Collection[int], *, delay_ms: float = 0, certificate: str = "", full_every: int = 0
    ) -> None:
        self._count_file = folder / "sink.count"
        log = folder / "sink.log"
        options = ["--delay-ms", str(delay_ms), "--certificate", certificate, "--full-every", str(full_every)]
        command = [sys.executable, "-m", "benchmarks.asyncio_sink", str(self._count_file), *options]
        self.process = Process(command, environment=os.environ, log=log, cores=cores)
        self.process.wait_for_line("\n")
        self.port = int(log.read_text().splitlines()[-1])

    @property
    def count(self) -> int:
        (count,) = struct.unpack("Q", self._count_file.read_bytes())
        return int(count)


def start_sink(folder: Path, cores: Collection[int] = (), *, delay_ms: float = 0, certificate: str = "") -> Sink:
    """Start a sink and wait until it listens; a delay or TLS is what only our own can do."""
    binary = find_postfix_sink()
    sink: Sink
    if binary and not delay_ms and not certificate:
        sink = PostfixSink(binary, folder, cores)
    else:
        sink = OwnSink(folder, cores, delay_ms=delay_ms, certificate=certificate)
    wait_until(lambda: listens(sink.port), 20, lambda: f"{sink.name} does not listen")
    return sink


def find_postfix_sink() -> str | None:
    return shutil.which(NAME, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/libexec/postfix")))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
