"""A server on the bench: it runs, the product uses it, and what went in is compared with what came out."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.smtp_server import Mail
from benchmarks.interop.counting import Balance, balance
from benchmarks.interop.mailbox import Mailbox
from benchmarks.interop.product import Patience, Product
from benchmarks.interop.servers.server import Server
from benchmarks.interop.workspace import PASSWORD

ROUTE_SECONDS = 2.2  # a worker may send by the route before for two seconds
ARRIVAL_SECONDS, LATE_SECONDS = 60, 0.5  # for what a server has still in its queue; for a copy that nobody expects


@dataclass(frozen=True)
class Outcome:
    """What happened, in a few words, and whether it should."""

    right: bool
    happened: str


@dataclass
class Bench:
    server: Server
    product: Product
    mailbox: Mailbox
    messages: int
    patience: Patience
    _numbers: dict[str, int] = field(default_factory=dict)

    def people(self, count: int, name: str) -> list[str]:
        """Return addresses that nobody has written to."""
        start = self._numbers.get(name, 0)
        self._numbers[name] = start + count
        return [f"{name}{number}@users.test" for number in range(start, start + count)]

    def use(self, secret: str = PASSWORD, **values: Any) -> None:
        """Have the product send through this server, with nothing known of it; `values` are not as usual."""
        self.product.use(self.server.workspace.port, secret, **values)
        time.sleep(ROUTE_SECONDS)

    def deliver(self, recipients: Collection[str]) -> Balance:
        """Send a message to each of `recipients`, and count when nothing goes on any more.

        The time is until nothing but what is in doubt is on its way: that waits long, so that nobody gets it twice.
        """
        started = time.perf_counter()
        accepted = self.product.accept(recipients)
        self.product.wait_until_sent_or_in_doubt()
        seconds = time.perf_counter() - started
        self.product.wait_until_final()
        return self.count(accepted, seconds)

    def bulk(self) -> Balance:
        self.use()
        return self.deliver(self.people(self.messages, "customer"))

    def count(self, accepted: Sequence[Mail], seconds: float) -> Balance:
        """Compare both ends, when the server has passed on what it took."""
        log = self.product.log
        sent = [mail for mail in accepted if mail in log and log[mail].status == "SENT"]
        self.patience.wait(lambda: self.mailbox.copies.keys() >= set(sent), ARRIVAL_SECONDS)
        time.sleep(LATE_SECONDS)
        product, copies = self.product, self.mailbox.copies
        return balance(accepted, product.log, copies, product.tries, seconds, self.server.mislaid())

    def tidy(self) -> None:
        """Leave nothing to the next scenario."""
        self.product.inside.do("clear")
