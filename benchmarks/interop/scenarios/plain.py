"""Where nothing is in the way: check, test e-mail, every kind of message, a bulk, a signature."""

import dkim

from benchmarks.interop.mailbox import Received
from benchmarks.interop.messages import KINDS, Kind, Person
from benchmarks.interop.reading import faults
from benchmarks.interop.scenarios.bench import Bench, Outcome
from benchmarks.interop.workspace import DOMAIN, SENDER

ALONE_SECONDS = 20
SIGNED = 3


def check(bench: Bench) -> Outcome:
    """Have the server checked as on its page."""
    bench.use()
    before = len(bench.server.received)
    found = bench.product.check("PREFLIGHT", bench.people(1, "checker")[0])
    sent = len(bench.server.received) - before
    if not found.passed:
        return Outcome(False, f"failed at {found.step}: {found.sentence}")
    return Outcome(not sent, "passed" + (f", and {sent} messages arrived" if sent else ""))


def test_mail(bench: Bench) -> Outcome:
    """Have a test e-mail sent."""
    bench.use()
    person = bench.people(1, "tester")[0]
    found = bench.product.check("TEST", person)
    bench.patience.wait(lambda: bool(_of(bench, person)), ALONE_SECONDS)
    copies = len(_of(bench, person))
    return Outcome(found.passed and copies == 1, f"{'passed' if found.passed else found.sentence}, arrived {copies}x")


def kinds(bench: Bench) -> Outcome:
    """Send a message of each kind; each has to be at its receivers what it was here."""
    bench.use()
    sent = bench.product.inside.do("send_kinds")
    bench.product.wait_until_final()
    ids = {found.get("message_id") for found in sent.values()}
    people = sum(len(kind.people) for kind in KINDS if not kind.needs_utf8)
    bench.patience.wait(lambda: sum(one.message_id in ids for one in bench.server.received) >= people, ALONE_SECONDS)
    wrong = {kind.name: words for kind in KINDS if (words := _wrong(bench, kind, sent[kind.name]))}
    said = "; ".join(f"{name}: {', '.join(words)}" for name, words in wrong.items())
    return Outcome(not wrong, f"{len(KINDS) - len(wrong)} of {len(KINDS)} as asked" + (f" ({said})" if said else ""))


def bulk(bench: Bench) -> Outcome:
    """Send a bulk through it."""
    found = bench.bulk()
    return Outcome(found.exactly_once and not found.wasted, str(found))


def signature(bench: Bench) -> Outcome:
    """Have each message signed on its way; the signature has to hold at the receiver (RFC 6376)."""
    bench.use()
    people = bench.people(SIGNED, "signed")
    found = bench.deliver(people)
    arrived = [one for person in people for one in _of(bench, person)]
    zone = bench.server.zone
    verified = sum(_verifies(one, zone) for one in arrived)
    return Outcome(found.exactly_once and verified == SIGNED, f"{verified} of {len(arrived)} signatures hold")


def _wrong(bench: Bench, kind: Kind, sent: dict[str, str]) -> list[str]:
    if "refused" in sent:
        return [f"refused: {sent['refused']}"]
    arrived = [one for one in bench.server.received if one.message_id == sent["message_id"]]
    if kind.needs_utf8 and not bench.server.takes_utf8:
        return _not_refused(bench, sent["message_id"]) or (["arrived"] if arrived else [])
    sender = Person("Shop", SENDER) if kind.by_django else Person(kind.sender_name, f"orders@{DOMAIN}")
    return faults(kind, arrived, sender)


def _not_refused(bench: Bench, message_id: str) -> list[str]:
    """Return what the log says of a message that cannot leave through this server, unless it has failed at once."""
    statuses = {entry.status for (found, _), entry in bench.product.log.items() if found == message_id}
    tries = sum(one.message_id == message_id for one in bench.product.tries)
    return [] if statuses == {"FAILED"} and tries <= 1 else [f"{', '.join(statuses)} after {tries} tries"]


def _of(bench: Bench, person: str) -> list[Received]:
    return [one for one in bench.server.received if one.recipient == person]


def _verifies(received: Received, zone: dict[str, str]) -> bool:
    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        text = zone.get(name.decode().rstrip("."))
        return text.encode() if text else None

    return bool(dkim.verify(received.content, dnsfunc=look_up))
