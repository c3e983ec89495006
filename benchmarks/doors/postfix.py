"""Postfix beside the doors: as the interop lab fetches and configures it, its queue on the disk of the databases."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.field import Field
from benchmarks.interop.mailbox import Mailbox
from benchmarks.interop.servers.postfix import Postfix
from benchmarks.interop.workspace import Certificate, Identity, Setup, Workspace, free_port

FOR_ALL = 0o755  # its processes run as users of their own


@contextmanager
def postfix(
    field: Field, certificates: Mapping[Identity, Certificate], sink_port: int, *, held: bool
) -> Iterator[Postfix]:
    """Start a Postfix that relays to the sink; what it has accepted stays in its queue where it is to be `held`."""
    field.folder.chmod(FOR_ALL)
    folder, logs = field.new_folder("postfix"), field.new_folder("postfix-logs")
    folder.chmod(FOR_ALL)
    server = Postfix(Workspace(folder, logs, free_port(), sink_port, certificates), Mailbox())
    server.fetch()
    try:
        server.prepare(Setup(held=held))
        yield server
    finally:
        server.close()


def held_by(server: Postfix) -> int:
    """Return how many messages wait in the queue for a person."""
    return sum(path.is_file() for path in (server.workspace.folder / "queue" / "hold").rglob("*"))
