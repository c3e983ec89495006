"""A link to a real server that can lose an answer: what was asked for is done, and whoever asked hears nothing."""

import selectors
import socket
import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Self

PIECE_OCTETS = 65536


class LossyLink:
    """Listens on `port` of 127.0.0.1 and carries all to `server`: a host and port, or the path of a Unix socket."""

    def __init__(self, server: tuple[str, int] | str) -> None:
        self.server = server
        self.lost = 0
        self._losing: bytes | None = None
        self._before_it_arrives = False
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, name="a lossy link", daemon=True)]

    def lose_the_answer_to(self, words: bytes) -> None:
        """Close the link of whoever says `words` next, once the server has answered."""
        self._losing, self._before_it_arrives = words, False

    def lose(self, words: bytes) -> None:
        """Close the link of whoever says `words` next, of which the server hears nothing."""
        self._losing, self._before_it_arrives = words, True

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(client,), name="a client's lossy link", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, client: socket.socket) -> None:
        with ExitStack() as stack:
            stack.enter_context(client)
            server = stack.enter_context(self._connected())
            both = stack.enter_context(selectors.DefaultSelector())
            both.register(client, selectors.EVENT_READ, server)
            both.register(server, selectors.EVENT_READ, client)
            losing = False
            while not self._over.is_set():
                for key, _ in both.select(0.1):
                    heard = key.fileobj.recv(PIECE_OCTETS)  # type: ignore[union-attr]
                    if not heard or (losing and key.fileobj is server):
                        return
                    losing = losing or (key.fileobj is client and self._is_to_be_lost(heard))
                    if losing and self._before_it_arrives:
                        return
                    key.data.sendall(heard)

    def _connected(self) -> socket.socket:
        if isinstance(self.server, tuple):
            return socket.create_connection(self.server, 10)
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.server)
        return connection

    def _is_to_be_lost(self, heard: bytes) -> bool:
        if self._losing is None or self._losing not in heard:
            return False
        self._losing = None
        self.lost += 1
        return True
