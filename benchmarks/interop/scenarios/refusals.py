"""Where the server says no: to the account, the sender, a mailbox, everybody new; or nobody should believe it."""

import time
from collections.abc import Callable, Sequence

from benchmarks.interop.counting import Balance
from benchmarks.interop.product import Check
from benchmarks.interop.scenarios.bench import Bench, Outcome
from benchmarks.interop.workspace import FULL_MAILBOX, OTHERS_SENDER

FEW, BESIDE = 6, 59
MOST_TRIES = 4  # two in a row pause a server, while as many may be under way on other connections
MOST_GREYLISTED_TRIES = 3  # a retry may come too early once
PAUSE_SECONDS, QUIET_SECONDS, OPEN_SECONDS = 25, 2, 20


def wrong_password(bench: Bench) -> Outcome:
    """The check says so, and mail waits until somebody types another one."""
    bench.use("not the password")
    return _held(bench, steps=("Signing in",))


def sender_refused(bench: Bench) -> Outcome:
    """The account may not send as this sender: that is about nobody's mailbox, wherever the server says it."""
    bench.use(sender_address=OTHERS_SENDER)
    return _held(bench, steps=("Sender", "Recipient"))


def untrusted(bench: Bench) -> Outcome:
    """Whoever answers cannot show that it is the server: it gets no password and no mail, and none of it is lost."""
    bench.use()
    found = _checked(bench)
    before = len(bench.product.tries)
    balance = _after_a_while(bench, lambda: len(bench.product.tries) > before, OPEN_SECONDS)
    right = found.step == "Securing the connection" and balance.waiting == balance.accepted
    return _told(bench, found, balance, right=right)


def greylisting(bench: Bench) -> Outcome:
    """Each recipient is put off once; nobody is at fault, and all of it leaves a little later."""
    bench.use()
    balance = bench.deliver(bench.people(FEW, "unknown"))
    right = balance.exactly_once and balance.tries <= MOST_GREYLISTED_TRIES * FEW and not bench.product.pause
    return Outcome(right and not bench.product.suppressed, str(balance))


def full_mailbox(bench: Bench) -> Outcome:
    """One of 60 recipients is put off (452 4.2.2); the others do not notice."""
    bench.use()
    usual = _seconds_until_there(bench, bench.people(BESIDE, "usual"), [])
    beside = bench.people(BESIDE, "beside")
    took = _seconds_until_there(bench, beside, [FULL_MAILBOX])
    bench.patience.wait(lambda: bool(_status_of_full(bench) - {"QUEUED", "SENDING"}), OPEN_SECONDS)
    statuses = _status_of_full(bench)
    arrived = len({one.recipient for one in bench.server.received} & set(beside))
    right = arrived == BESIDE and statuses <= {"DEFERRED", "SENDING"} and FULL_MAILBOX not in bench.product.suppressed
    said = f"{arrived} of {BESIDE} arrived, {took - usual:+.1f} s; the full one {', '.join(sorted(statuses))}"
    return Outcome(right, said + (f"; paused: {bench.product.pause}" if bench.product.pause else ""))


def _held(bench: Bench, *, steps: Sequence[str]) -> Outcome:
    """Check, then send a few: the server has to be paused and its mail held, with little tried and nothing failed."""
    found = _checked(bench)
    balance = _after_a_while(bench, lambda: bench.product.pause != "", PAUSE_SECONDS)
    right = found.step in steps and bench.product.pause != "" and balance.waiting == balance.accepted
    quiet = balance.tries <= MOST_TRIES and not bench.product.suppressed
    return _told(bench, found, balance, right=right and quiet)


def _checked(bench: Bench) -> Check:
    return bench.product.check("PREFLIGHT", bench.people(1, "checker")[0])


def _after_a_while(bench: Bench, holds: Callable[[], bool], seconds: float) -> Balance:
    """Send a few, wait until `holds`, and a little longer; return where they stand."""
    started = time.perf_counter()
    accepted = bench.product.accept(bench.people(FEW, "refused"))
    bench.patience.wait(holds, seconds)
    time.sleep(QUIET_SECONDS)
    return bench.count(accepted, time.perf_counter() - started)


def _seconds_until_there(bench: Bench, people: list[str], more: list[str]) -> float:
    """Send to `people`, `more` of them among the first; return when all of `people` have theirs."""
    started, wanted = time.perf_counter(), set(people)
    bench.product.accept([*people[:10], *more, *people[10:]])
    bench.patience.wait(lambda: {one.recipient for one in bench.server.received} >= wanted)
    return time.perf_counter() - started


def _status_of_full(bench: Bench) -> set[str]:
    return {entry.status for (_, person), entry in bench.product.log.items() if person == FULL_MAILBOX}


def _told(bench: Bench, found: Check, balance: Balance, *, right: bool) -> Outcome:
    """Return what was found; why is of interest where it is not as it should be."""
    said = "check passed" if found.passed else f"check failed at “{found.step}” ({found.diagnosis})"
    paused = "paused" if bench.product.pause else "not paused"
    suppressed = len(bench.product.suppressed)
    more = [f"{suppressed} suppressed"] * bool(suppressed) + ([] if right else [*balance.reasons, *balance.in_vain])
    return Outcome(right, "; ".join([said, balance.counts, paused, *more]))
