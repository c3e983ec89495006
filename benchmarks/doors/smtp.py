"""Messages that the SMTP door takes a second, beside Postfix's smtpd: the same client, TLS, sign-in and disk."""

from collections.abc import Iterator

from benchmarks.doors.clients import Account, send
from benchmarks.doors.installation import with_doors
from benchmarks.doors.postfix import held_by, postfix
from benchmarks.doors.rounds import Rounds, medians
from benchmarks.field import Field
from benchmarks.figures import Figure, at_least
from benchmarks.interop.workspace import PASSWORD, USERNAME, Identity, issue_certificates
from benchmarks.processes import Failed
from benchmarks.product import Product

MESSAGES = 2_000
PRODUCT, POSTFIX = "SMTP door, one process, PostgreSQL", "Postfix's smtpd"
ACCEPTED = "SELECT count(*) FROM delivery_delivery"


def smtp(field: Field, rounds: Rounds) -> Iterator[Figure]:
    messages, certificates = rounds.amount(MESSAGES), issue_certificates(field.folder / "tls-smtp")
    good = certificates[Identity.GOOD]
    with (
        field.sink() as sink,
        with_doors(field, sink, good) as doors,
        doors.smtp(),
        postfix(field, certificates, sink.port, held=True) as server,
    ):
        ours = Account("key", doors.secret, good.authority)
        theirs = Account(USERNAME, PASSWORD, good.authority)
        runs = rounds.run(
            {
                PRODUCT: lambda: send(field, doors.smtp_port, ours, messages).speed,
                POSTFIX: lambda: send(field, server.workspace.port, theirs, messages).speed,
            }
        )
        _check(rounds.count * messages, {PRODUCT: accepted(doors.product), POSTFIX: held_by(server)})
    found = medians(runs)
    for name in (PRODUCT, POSTFIX):
        yield Figure(f"{name}: accepted, 10 connections, STARTTLS", found[name], "messages/s")
    yield at_least("SMTP door beside Postfix's smtpd", found[PRODUCT] / found[POSTFIX], "", 1)


def accepted(product: Product) -> int:
    return int(product.databases.rows(product.database, ACCEPTED)[0][0])


def _check(sent: int, kept: dict[str, int]) -> None:
    for name, count in kept.items():
        if count != sent:
            raise Failed(f"{name} was sent {sent} messages, and has {count}.")
