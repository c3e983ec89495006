"""Accept one by one and deliver at the same time: beside django-post_office, and beside Postfix as a relay.

The one-by-one rows are those of an application with one connection to whatever takes its mail.
"""

import time
from collections.abc import Iterator
from functools import partial

from benchmarks.doors.clients import CONNECTIONS, Account, send
from benchmarks.doors.installation import with_doors
from benchmarks.doors.postfix import postfix
from benchmarks.doors.rounds import Rounds, medians
from benchmarks.field import Field, Run
from benchmarks.figures import Figure, at_least
from benchmarks.figures.beside import post_office_together, product_together
from benchmarks.interop.workspace import PASSWORD, USERNAME, Certificate, Identity, issue_certificates
from benchmarks.measuring import COUNT_SECONDS, patience_seconds
from benchmarks.processes import wait_until
from benchmarks.product import POLL_SECONDS

MESSAGES = 4_000
PRODUCT, POST_OFFICE = "product, by its API", "django-post_office"
DOOR, POSTFIX = "product, SMTP door, {} connection(s)", "Postfix as a relay, {} connection(s)"


def together(field: Field, rounds: Rounds) -> Iterator[Figure]:
    messages = rounds.amount(MESSAGES)
    runs = rounds.run(
        {
            PRODUCT: lambda: _speed(product_together(field, messages)),
            POST_OFFICE: lambda: _speed(post_office_together(field, messages)),
            **{
                name.format(connections): partial(through, field, messages, connections)
                for connections in (1, CONNECTIONS)
                for name, through in ((DOOR, _through_the_door), (POSTFIX, _through_postfix))
            },
        }
    )
    found = medians(runs)
    for name, speed in found.items():
        yield Figure(f"accept and deliver: {name}", speed, "messages/s")
    yield at_least(
        "accept and deliver by the API, beside django-post_office", found[PRODUCT] / found[POST_OFFICE], "", 2
    )
    relay = found[POSTFIX.format(1)]
    yield at_least("accept and deliver by the API, beside Postfix as a relay", found[PRODUCT] / relay, "", 1.5)
    for connections in (1, CONNECTIONS):
        what = f"accept and deliver at the SMTP door, {connections} connection(s), beside Postfix as a relay"
        relay = found[POSTFIX.format(connections)]
        yield at_least(what, found[DOOR.format(connections)] / relay, "", 1.5)


def _speed(run: Run) -> float:
    return run.messages / run.seconds


def _through_the_door(field: Field, messages: int, connections: int) -> float:
    certificate = _certificate(field)
    with (
        field.sink() as sink,
        with_doors(field, sink, certificate) as doors,
        doors.smtp(),
        doors.product.workers(1),
        doors.product.beat(),
    ):
        account = Account("key", doors.secret, certificate.authority)
        began = send(field, doors.smtp_port, account, messages, connections).began
        doors.product.wait_until_sent(sink, messages)
        return messages / (time.monotonic() - began)


def _through_postfix(field: Field, messages: int, connections: int) -> float:
    certificates = issue_certificates(field.new_folder("tls") / "certificates")
    with field.sink() as sink, postfix(field, certificates, sink.port, held=False) as server:
        account = Account(USERNAME, PASSWORD, server.certificate.authority)
        began = send(field, server.workspace.port, account, messages, connections).began
        wait_until(
            lambda: sink.count >= messages,
            patience_seconds(messages) + COUNT_SECONDS,
            lambda: f"only {sink.count} of {messages} messages arrived",
            pause_seconds=POLL_SECONDS,
        )
        return messages / (time.monotonic() - began)


def _certificate(field: Field) -> Certificate:
    return issue_certificates(field.new_folder("tls") / "certificates")[Identity.GOOD]
