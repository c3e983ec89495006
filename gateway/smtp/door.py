"""The door itself: where it listens, what its sessions share, and how it is shut."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from gateway import networks
from gateway.smtp.certificate import Certificate
from gateway.smtp.intake import Intake
from gateway.smtp.limits import CONNECTIONS_MAX, Quota, Room
from gateway.smtp.protocol import SubmissionProtocol

logger = logging.getLogger(__name__)

BACKLOG = 512
STOP_SECONDS = 30


@dataclass
class Door:
    """What a process of SMTP submission is; `balancers` are the networks whose connections begin with a PROXY header.

    `addresses` and `keys` count the connections of each.
    """

    name: str
    certificate: Certificate
    most_octets: int
    most_recipients: int
    addresses: Quota
    keys: Quota
    threads: ThreadPoolExecutor
    balancers: Sequence[str] = ()
    most_connections: int = CONNECTIONS_MAX
    room: Room = field(default_factory=Room)
    intake: Intake = field(init=False)
    sessions: set[SubmissionProtocol] = field(default_factory=set)
    is_stopping: bool = False
    _servers: list[asyncio.Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.intake = Intake(self.threads)

    def make_room(self, comer: SubmissionProtocol) -> bool:
        """Return whether there is room for a `comer`; whoever has been here for longest without a key gives way."""
        if len(self.sessions) <= self.most_connections:
            return True
        strangers = (session for session in self.sessions if session.key is None and session is not comer)
        longest_here = min(strangers, key=lambda session: session.began, default=None)
        if longest_here is not None:
            longest_here.turn_away()
        return longest_here is not None

    def is_balancer(self, address: str) -> bool:
        return bool(self.balancers) and networks.contain(self.balancers, address)

    async def listen(self, hosts: Sequence[str] | None, port: int, *, secure: bool) -> None:
        """Listen at `port` of `hosts` (None: every address); other processes may do so as well. Raises `OSError`."""
        server = await asyncio.get_running_loop().create_server(
            partial(SubmissionProtocol, self, secure_port=secure),
            hosts,
            port,
            backlog=BACKLOG,
            reuse_port=hasattr(socket, "SO_REUSEPORT") or None,
        )
        self._servers.append(server)

    async def shut(self) -> None:
        """Let nobody in any more, finish what is at its final dot, and end every session."""
        self.is_stopping = True
        for server in self._servers:
            server.close()
        for session in list(self.sessions):
            session.end()
        until = asyncio.get_running_loop().time() + STOP_SECONDS
        while self.sessions and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)
        await asyncio.to_thread(self.threads.shutdown)
