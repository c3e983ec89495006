"""All scenarios: what is done, what the server needs for it, and what should happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.interop.scenarios import limits, plain, refusals
from benchmarks.interop.scenarios.bench import Bench, Outcome
from benchmarks.interop.servers.server import Offer
from benchmarks.interop.workspace import Identity, Setup

ORDINARY = Setup()


@dataclass(frozen=True)
class Scenario:
    """`quick` ones are part of a quick run; the others take minutes, or are a matter of chance.

    `timed` ones are measured, so that the product has its own delays, and not the shorter ones of the lab.
    """

    act: Callable[[Bench], Outcome]
    should: str
    needs: Offer | None = None
    setup: Setup = ORDINARY
    quick: bool = True
    timed: bool = False


UNTRUSTED = "the check fails at the certificate; nothing is sent, nothing failed"
REFUSED = "the check fails at this step; the server is paused after at most 4 tries, its mail held, nobody suppressed"

SCENARIOS: Mapping[str, Scenario] = {
    "check": Scenario(plain.check, "passed, nothing sent"),
    "test message": Scenario(plain.test_mail, "passed, arrived once"),
    "kinds": Scenario(plain.kinds, "26 of 26 as asked"),
    "bulk": Scenario(plain.bulk, "each exactly once, at the first try"),
    "full mailbox": Scenario(refusals.full_mailbox, "59 arrive as ever, the full one is deferred", Offer.FULL_MAILBOX),
    "wrong password": Scenario(refusals.wrong_password, REFUSED),
    "sender refused at RCPT": Scenario(refusals.sender_refused, REFUSED, Offer.REFUSAL_AT_RCPT),
    "sender refused at MAIL": Scenario(
        refusals.sender_refused, REFUSED, Offer.REFUSAL_AT_MAIL, Setup(sender_refused_at="MAIL")
    ),
    "greylisting": Scenario(
        refusals.greylisting,
        "each exactly once, at the second or third try; not paused",
        Offer.GREYLISTING,
        Setup(greylisted=True),
    ),
    "signature": Scenario(plain.signature, "3 of 3 signatures hold", Offer.SIGNING, Setup(signing=True)),
    "expired certificate": Scenario(refusals.untrusted, UNTRUSTED, setup=Setup(identity=Identity.EXPIRED)),
    "certificate for another name": Scenario(refusals.untrusted, UNTRUSTED, setup=Setup(identity=Identity.OTHER_NAME)),
    "unknown authority": Scenario(refusals.untrusted, UNTRUSTED, setup=Setup(identity=Identity.UNKNOWN_AUTHORITY)),
    "restart": Scenario(
        limits.restart, "each once, but for copies called possible; at most 2 % of the tries in vain, or 8", timed=True
    ),
    "kill": Scenario(limits.kill, "nothing lost, no copy that is not called so", Offer.QUEUE, quick=False),
    "one connection": Scenario(
        limits.one_connection,
        "each exactly once, at most 2 % of the tries in vain, or 8",
        Offer.CONNECTION_LIMIT,
        Setup(connections=1),
        quick=False,
        timed=True,
    ),
    "300 a minute": Scenario(
        limits.message_rate,
        "each exactly once, at most 2 % of the tries in vain, or 8",
        Offer.RATE_LIMIT,
        Setup(messages_per_minute=limits.PER_MINUTE),
        quick=False,
        timed=True,
    ),
}
