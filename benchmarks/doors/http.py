"""Messages that the HTTP door takes a second: beside a bare view, and as batches beside one by one."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import surroundings
from benchmarks.databases import POSTGRESQL
from benchmarks.doors.clients import Account, post
from benchmarks.doors.installation import API_PATH, Doors, gunicorn, with_doors
from benchmarks.doors.rounds import Rounds, medians
from benchmarks.doors.smtp import accepted
from benchmarks.field import Field
from benchmarks.figures import Figure, at_least
from benchmarks.interop.workspace import Identity, issue_certificates
from benchmarks.processes import Failed, Process, run_program, wait_until
from benchmarks.sinks import free_port, listens

MESSAGES, BATCH = 2_000, 100
EMAILS = f"{API_PATH}/emails"
DATABASE, SETTINGS = "bare", "benchmarks.bare.settings"
START_SECONDS = 60


def api(field: Field, rounds: Rounds) -> Iterator[Figure]:
    """One gunicorn worker each; the bare view checks a key and inserts one row."""
    messages, ours, bare = rounds.amount(MESSAGES), "POST /emails, PostgreSQL", "bare view, PostgreSQL"
    with _open(field) as doors, _bare_view(field, doors.secret) as port:
        account = Account("", doors.secret)
        runs = rounds.run(
            {
                ours: lambda: post(field, doors.http_port, EMAILS, account, messages).speed,
                bare: lambda: post(field, port, "/emails", account, messages).speed,
            }
        )
        _check(doors, rounds.count * messages)
    found = medians(runs)
    for name, speed in found.items():
        yield Figure(f"{name}: 10 connections", speed, "messages/s")
    yield at_least("POST /emails beside the bare view", found[ours] / found[bare], "", 0.4)


def batch(field: Field, rounds: Rounds) -> Iterator[Figure]:
    messages, many, single = rounds.amount(MESSAGES), "POST /emails/batch", "POST /emails"
    in_batches = -(-messages // BATCH) * BATCH
    with _open(field) as doors:
        account = Account("", doors.secret)
        runs = rounds.run(
            {
                single: lambda: post(field, doors.http_port, EMAILS, account, messages).speed,
                many: lambda: post(field, doors.http_port, f"{EMAILS}/batch", account, in_batches, batch=BATCH).speed,
            }
        )
        _check(doors, rounds.count * (messages + in_batches))
    found = medians(runs)
    yield Figure(f"{many}, {BATCH} different ones each", found[many], "messages/s")
    yield Figure(single, found[single], "messages/s")
    yield at_least("as batches beside one by one", found[many] / found[single], "", 4)


@contextmanager
def _open(field: Field) -> Iterator[Doors]:
    certificates = issue_certificates(field.new_folder("tls") / "certificates")
    with field.sink() as sink, with_doors(field, sink, certificates[Identity.GOOD]) as doors, doors.http():
        yield doors


@contextmanager
def _bare_view(field: Field, secret: str) -> Iterator[int]:
    """Serve the bare view; give its port."""
    folder, port, databases = field.new_folder("bare"), free_port(), field.databases[POSTGRESQL]
    environment = surroundings.basic() | {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "DATABASE_URL": databases.create(DATABASE),
        "SECRET": secret,
    }
    try:
        run_program("bare_prepare", environment=environment, log=folder / "prepare.log")
        log = folder / "web.log"
        command = gunicorn("benchmarks.bare.wsgi", port)
        with Process(command, environment=environment, log=log, cores=field.cores):
            wait_until(lambda: listens(port), START_SECONDS, lambda: f"the bare view does not listen; see {log}")
            yield port
    finally:
        databases.drop(DATABASE)


def _check(doors: Doors, sent: int) -> None:
    if accepted(doors.product) != sent:
        raise Failed(f"{sent} messages were sent, and the outbox has {accepted(doors.product)}.")
