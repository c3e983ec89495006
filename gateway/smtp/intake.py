"""Store together what comes together: messages at their final dots share a transaction, as commits wait for the disk.

While one is under way others gather for the next; whoever comes alone waits for nobody. Small transactions side by side
take more of the processor than one after the other: a second one begins only for those who do not fit into the next.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from gateway.smtp import acceptance
from gateway.smtp.acceptance import Submitted

AT_ONCE = 2  # transactions
TOGETHER_MAX = 20
LARGE_OCTETS = 64 * 1024  # such a message takes its time, and goes alone


class Intake:
    """What is waiting to be stored by `threads`."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._waiting: deque[tuple[Submitted, asyncio.Future[str]]] = deque()
        self._runs = set[asyncio.Task[None]]()
        self._at_once = 0

    async def take(self, submitted: Submitted) -> str:
        """Return the reply once it is true; raises what storing it did."""
        if len(submitted.data) > LARGE_OCTETS:
            return (await self._stored([submitted]))[0]
        reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((submitted, reply))
        if self._at_once < AT_ONCE and self._needs_more_than(self._at_once):
            self._at_once += 1
            run = asyncio.create_task(self._run())
            self._runs.add(run)  # the loop itself keeps none alive
            run.add_done_callback(self._runs.discard)
        return await reply

    async def _run(self) -> None:
        """Store until others do. Whoever comes later finds that one run is fewer, as nothing happens in between."""
        while self._needs_more_than(self._at_once - 1):
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), TOGETHER_MAX))]
            try:
                replies = await self._stored([submitted for submitted, _ in group])
            except Exception as error:  # noqa: BLE001 (each session says what it means)
                for _, reply in group:
                    if not reply.done():
                        reply.set_exception(error)
            else:
                for (_, reply), words in zip(group, replies, strict=True):
                    if not reply.done():
                        reply.set_result(words)
        self._at_once -= 1

    def _needs_more_than(self, runs: int) -> bool:
        """Return whether there is more than what so many runs take next."""
        return len(self._waiting) > runs * TOGETHER_MAX

    async def _stored(self, group: list[Submitted]) -> list[str]:
        work = partial(acceptance.with_database, partial(acceptance.take, group))
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
