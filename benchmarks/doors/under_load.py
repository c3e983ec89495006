"""How long POST /emails takes while much bulk mail is being sent, beside the same on an idle system."""

from collections.abc import Iterator

from benchmarks.doors.clients import Account, post_slowly
from benchmarks.doors.http import EMAILS
from benchmarks.doors.installation import Doors, with_doors
from benchmarks.doors.rounds import Rounds, medians
from benchmarks.field import Field
from benchmarks.figures import Figure, at_most
from benchmarks.interop.workspace import Identity, issue_certificates
from benchmarks.measuring import patience_seconds
from benchmarks.processes import Failed, wait_until

BULK, POSTS_PER_BULK, PAUSE_MS = 100_000, 0.003, 50  # 300 posts in some 17 s, within the time that the bulk takes
WAITING = "SELECT count(*) FROM delivery_delivery WHERE status <> 'SENT'"


def under_load(field: Field, rounds: Rounds) -> Iterator[Figure]:
    bulk = rounds.amount(BULK)
    posts = max(20, round(bulk * POSTS_PER_BULK))
    certificates = issue_certificates(field.new_folder("tls") / "certificates")
    with (
        field.sink() as sink,
        with_doors(field, sink, certificates[Identity.GOOD]) as doors,
        doors.http(),
        doors.product.workers(1),
        doors.product.beat(),
    ):
        idle, loaded = "POST /emails on an idle system, p95", f"the same while {bulk:,} bulk messages are sent, p95"
        account = Account("", doors.secret)
        runs = rounds.run(
            {
                idle: lambda: post_slowly(field, doors.http_port, EMAILS, account, posts, pause_ms=PAUSE_MS).p95,
                loaded: lambda: _beside_bulk(doors, bulk, posts),
            }
        )
    found = medians(runs)
    for name, milliseconds in found.items():
        yield Figure(name, milliseconds, "ms")
    yield at_most("p95 while bulk mail is sent beside p95 when idle", found[loaded] / found[idle], "", 4)


def _beside_bulk(doors: Doors, bulk: int, posts: int) -> float:
    """Post while the worker sends; the bulk is accepted before, and has to outlast the posts."""
    product = doors.product
    product.accept(bulk, "campaign")
    with product.waker() as wake:
        wake()
        account = Account("", doors.secret)
        found = post_slowly(product.field, doors.http_port, EMAILS, account, posts, pause_ms=PAUSE_MS)
        if not _waiting(doors):
            raise Failed(f"{bulk} messages were sent sooner than {posts} were posted; take more of them.")
        wait_until(lambda: not _waiting(doors), patience_seconds(bulk), lambda: f"{_waiting(doors)} were not sent")
    return found.p95


def _waiting(doors: Doors) -> int:
    return int(doors.product.databases.rows(doors.product.database, WAITING)[0][0])
