"""How long it takes to provision many applications in one request, and the same request once more."""

from collections.abc import Iterator
from typing import Any

from benchmarks import surroundings
from benchmarks.doors.installation import Doors, with_doors
from benchmarks.doors.rounds import Rounds, medians
from benchmarks.field import Field
from benchmarks.figures import Figure, at_most
from benchmarks.interop.workspace import Identity, issue_certificates
from benchmarks.processes import Failed, run_program

APPLICATIONS = 10_000
FIRST, AGAIN = "POST /sync of {:,} new applications", "the same request again, which changes nothing"
COUNT = "SELECT count(*) FROM whitelabel_application"
PATIENCE_SECONDS = 600


def provisioning(field: Field, rounds: Rounds) -> Iterator[Figure]:
    """Each round has an installation of its own."""
    count = rounds.amount(APPLICATIONS)
    first, seconds = FIRST.format(count), dict[str, list[float]]()
    for _ in range(rounds.count):
        certificates = issue_certificates(field.new_folder("tls") / "certificates")
        with field.sink() as sink, with_doors(field, sink, certificates[Identity.GOOD]) as doors, doors.http():
            before = _applications(doors)
            for name, created in ((first, count), (AGAIN, 0)):
                seconds.setdefault(name, []).append(_synchronize(field, doors, count, created))
            if (made := _applications(doors) - before) != count:
                raise Failed(f"{count} applications were provisioned, and {made} are there.")
    found = medians(seconds)
    yield at_most(first, found[first], "s", 60)
    yield at_most(AGAIN, found[AGAIN], "s", 15)


def _synchronize(field: Field, doors: Doors, count: int, created: int) -> float:
    environment = surroundings.basic() | {"SECRET": doors.provisioning_secret}
    log = field.new_folder("sync") / "log"
    options = (str(doors.http_port), str(count))
    found: dict[str, Any] = run_program(
        "sync_client", *options, environment=environment, log=log, seconds=PATIENCE_SECONDS
    )
    if len(found["answer"]["applications"]["created"]) != created:
        raise Failed(f"{created} applications were to be created: {found['answer']}"[:2000])
    return float(found["seconds"])


def _applications(doors: Doors) -> int:
    return int(doors.product.databases.rows(doors.product.database, COUNT)[0][0])
