"""One chaos run: the whole product, mail that comes in, things that break, and then the count."""

import ssl
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backoffice.development import certificates
from benchmarks import surroundings
from benchmarks.chaos.counting import Balance, Promised, Tracked, balance, unsettled
from benchmarks.chaos.disruptions import Disruptions
from benchmarks.chaos.doors import Application, Places, open_for_business
from benchmarks.chaos.recovery import DATABASE_AWAY, RecoveryWatch
from benchmarks.chaos.smtp_server import UnrulyServer
from benchmarks.chaos.stack import WORKERS, Stack
from benchmarks.chaos.web import ForgetfulPeople
from benchmarks.databases import POSTGRESQL, SQLITE, Databases, Postgresql, SqliteFiles, postgresql_server
from benchmarks.processes import Background, Program, run_program
from benchmarks.sinks import free_port

DATABASE = "chaos"
DELAYS = {
    "RETRY_SECONDS": "5,10,20",
    "RETRY_FOR_SECONDS": "3600",
    "URGENT_RETRY_SECONDS": "5,10,20",
    "BREAKER_SECONDS": "5,10,15",
    "UNCERTAIN_RESEND_SECONDS": "15",
    "LOG_LEVEL": "WARNING",
}
SHORTER_DELAYS = DELAYS | {
    "RETRY_SECONDS": "1,2",
    "URGENT_RETRY_SECONDS": "1,2",
    "BREAKER_SECONDS": "1,2",
    "UNCERTAIN_RESEND_SECONDS": "3",
}
WEB_PAUSE_SECONDS = 3.5  # the web server lets an address ask 20 times a minute
TERMINAL = "('SENT', 'FAILED', 'EXPIRED', 'CANCELLED')"
OPEN = f"SELECT count(*) FROM delivery_delivery WHERE status NOT IN {TERMINAL}"
ALL = """
    SELECT email.message_id, delivery.recipient, delivery.status, delivery.status_reason, delivery.possible_duplicate
    FROM delivery_delivery delivery JOIN delivery_email email ON email.id = delivery.email_id
"""
AGE = {
    POSTGRESQL: "UPDATE delivery_delivery SET leased_until = now() - interval '1 s' WHERE status = 'SENDING'",
    SQLITE: "UPDATE delivery_delivery SET leased_until = '2000-01-01 00:00:00' WHERE status = 'SENDING'",
}
LOOK_SECONDS = 1
UNSETTLED_SHOWN = 10
FINISH_SECONDS = 60


@dataclass(frozen=True)
class Plan:
    """`impatient`: short delays, and at the end all workers are dead and their leases are made to expire."""

    messages: int
    messages_at_each_door: int
    chaos_seconds: float
    settle_seconds: float
    database: str = POSTGRESQL
    kills: int = 0
    stops: int = 0
    stop_seconds: float = 60
    crashes: int = 0
    impatient: bool = False
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    balance: Balance
    done: Counter[str]
    details: dict[str, Any]


def run(plan: Plan) -> Outcome:
    """Carry out `plan`; nothing is left behind but what is returned."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        databases = stack.enter_context(_databases(plan.database, folder))
        authority = certificates.make(folder / "tls")
        server = UnrulyServer(certificates.catcher_context(authority), plan.seed)
        stack.callback(server.stop)
        return _Chaos(plan, folder, databases, server, authority).run()


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[Databases]:
    if kind == SQLITE:
        yield SqliteFiles(folder)
        return
    with postgresql_server(folder, ()) as postgresql:
        try:
            yield postgresql
        finally:
            postgresql.drop(DATABASE)


class _Chaos:
    def __init__(self, plan: Plan, folder: Path, databases: Databases, server: UnrulyServer, authority: Path) -> None:
        self.plan, self.folder, self.databases, self.server = plan, folder, databases, server
        self.port, self.smtp_port, self.implicit_port = free_port(), free_port(), free_port()
        self.authority = authority
        self.environment = surroundings.of_product(databases.create(DATABASE), folder) | {
            "SITE_URL": f"http://localhost:{self.port}",
            "SMTP_CA_FILE": str(authority),
            **self._doors(),
            **(SHORTER_DELAYS if plan.impatient else DELAYS),
        }
        self.journal = folder / "journal"
        self.journal.touch()
        self.details: dict[str, Any] = {}

    def run(self) -> Outcome:
        surroundings.migrate(self.environment)
        people = int(self.plan.chaos_seconds / WEB_PAUSE_SECONDS)
        ports = (str(self.server.port), str(self.server.tls_port), str(people))
        secrets = run_program("chaos_prepare", *ports, **self._options("prepare"))
        tls = ssl.create_default_context(cafile=str(self.authority))
        places = Places(self.port, self.smtp_port, tls, secrets)
        watch = RecoveryWatch(self.databases, DATABASE)
        try:
            with Stack(self.environment, self.folder, self.port, self.smtp_port, self.plan.seed) as stack:
                done, promised = self._disturb(stack, watch, people, places)
        finally:
            watch.stop()
        self.details["slowest recovery before the final dot, s"] = round(watch.slowest_seconds, 1)
        self.details["slowest recovery at the final dot, s"] = round(watch.slowest_at_final_dot_seconds, 1)
        slowest = max(watch.slowest_seconds, watch.slowest_at_final_dot_seconds)
        return Outcome(self._balance(promised, slowest), done, self.details)

    def _disturb(
        self, stack: Stack, watch: RecoveryWatch, people: int, places: Places
    ) -> tuple[Counter[str], Promised]:
        """Break things while mail comes in, then let everything settle."""
        addresses = [f"person{number}@people.test" for number in range(people)]
        with Program("chaos_people", str(self.folder), **self._options("people")) as keepers:
            looking = Background(keepers, self.plan.chaos_seconds + self.plan.settle_seconds + 60)
            forgetful = ForgetfulPeople(f"http://localhost:{self.port}", addresses, WEB_PAUSE_SECONDS)
            applications = open_for_business(places, self.plan.messages_at_each_door, self.plan.chaos_seconds * 0.95)
            with self._accepting() as accepting:
                disruptions = self._disruptions(stack, watch)
                disruptions.run(self.plan.chaos_seconds)
                self.details["calls of the API that failed"] = accepting.result(self.plan.settle_seconds)
            forgetful.stop()
            for application in applications:
                application.finish(FINISH_SECONDS)
            self._settle(stack)
            (self.folder / "over").touch()
            self.details |= looking.result(60)
        self.details["processes that ended by themselves"] = dict(stack.ended_alone)
        self.details["requests of the web server that were answered"] = len(forgetful.answered)
        return disruptions.done, self._promised(forgetful, applications)

    def _promised(self, forgetful: ForgetfulPeople, applications: Sequence[Application]) -> Promised:
        """Return what callers were told is accepted, each as it knows it."""
        accepted = [address for application in applications for address in application.accepted]
        refused = {address: why for application in applications for address, why in application.refused.items()}
        self.details["accepted at the doors"] = len(accepted)
        self.details["tries at the doors that were repeated"] = sum(one.repeated for one in applications)
        self.details |= {f"refused: {address}": why for address, why in list(refused.items())[:UNSETTLED_SHOWN]}
        return Promised(
            mail=[(words[0], words[1]) for line in self.journal.read_text().splitlines() if (words := line.split())],
            addresses=[*forgetful.answered, *accepted],
            once=accepted,
            in_doubt={address for application in applications for address in application.in_doubt},
            refused=refused,
        )

    @contextmanager
    def _accepting(self) -> Iterator[Background]:
        amount = (str(self.plan.messages), str(self.plan.chaos_seconds * 0.95), str(self.journal))
        with Program("chaos_accept", *amount, **self._options("accept")) as program:
            yield Background(program, self.plan.chaos_seconds + self.plan.settle_seconds)

    def _disruptions(self, stack: Stack, watch: RecoveryWatch) -> Disruptions:
        plan = self.plan
        postgresql = self.databases if isinstance(self.databases, Postgresql) else None
        return Disruptions(stack, watch, postgresql, plan.kills, plan.stops, plan.crashes, plan.stop_seconds, plan.seed)

    def _settle(self, stack: Stack) -> None:
        """Let the server behave and a person decide, until nothing is open or the time is over."""
        until = time.monotonic() + self.plan.settle_seconds
        self.server.calm = True
        (self.folder / "decide").touch()
        if self.plan.impatient:
            for name in WORKERS:
                stack.kill(name)
            self.databases.rows(DATABASE, AGE[self.plan.database])
        while time.monotonic() < until and self._open():
            time.sleep(LOOK_SECONDS)

    def _open(self) -> bool:
        try:
            return bool(self.databases.rows(DATABASE, OPEN)[0][0])
        except DATABASE_AWAY:
            return True

    def _balance(self, promised: Promised, slowest: float) -> Balance:
        tracked = [
            Tracked((message_id, recipient), status, why, bool(flagged))
            for message_id, recipient, status, why, flagged in self.databases.rows(DATABASE, ALL)
        ]
        self.details["misbehaviours of the server"] = self.server.acts.total()
        self.details["most extra copies of one mail"] = max(self.server.taken.values(), default=1) - 1
        for one in unsettled(tracked, self.server.taken)[:UNSETTLED_SHOWN]:
            self.details[f"not settled: {' to '.join(one.mail)}"] = f"{one.status} {one.why}"
        return balance(tracked, self.server.taken, promised, slowest_recovery_seconds=slowest)

    def _doors(self) -> dict[str, str]:
        return {
            "API_URL": f"http://localhost:{self.port}/api",
            "SUBMISSION_HOST": "localhost",
            "SUBMISSION_LISTEN": "127.0.0.1",
            "SUBMISSION_PORT": str(self.smtp_port),
            "SUBMISSION_TLS_PORT": str(self.implicit_port),
            "SUBMISSION_CERTIFICATE": str(self.authority.with_name(certificates.SERVER_FILE)),
        }

    def _options(self, name: str) -> dict[str, Any]:
        return {"environment": self.environment, "log": self.folder / f"{name}.out"}
