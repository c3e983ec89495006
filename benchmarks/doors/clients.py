"""Run the clients, the same for product and peer."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks import surroundings
from benchmarks.field import Field
from benchmarks.measuring import patience_seconds
from benchmarks.processes import run_program

CONNECTIONS = 10


@dataclass(frozen=True)
class Account:
    """How a client signs in; `authority` is whom it trusts."""

    user: str
    secret: str
    authority: Path | None = None


def send(field: Field, port: int, account: Account, messages: int, connections: int = CONNECTIONS) -> float:
    """Send by SMTP, with STARTTLS and AUTH PLAIN; return the messages a second."""
    options = [str(port), str(messages), str(connections), "--authority", str(account.authority), "--user", account.user]
    return messages / _run(field, "smtp_client", options, account, messages)["seconds"]


def post(
    field: Field, port: int, path: str, account: Account, messages: int, connections: int = CONNECTIONS, batch: int = 0
) -> float:
    """Post over HTTP; return the messages a second."""
    options = [str(port), path, str(messages), str(connections), "--batch", str(batch)]
    return messages / _run(field, "http_client", options, account, messages)["seconds"]


def post_slowly(field: Field, port: int, path: str, account: Account, messages: int, pause_ms: float) -> float:
    """Post one at a time, with pauses; return the 95th percentile of the time until the answer, in milliseconds."""
    options = [str(port), path, str(messages), "1", "--pause-ms", str(pause_ms)]
    return _run(field, "http_client", options, account, messages)["p95"]


def _run(field: Field, module: str, options: list[str], account: Account, messages: int) -> dict[str, float]:
    environment = surroundings.basic() | {"SECRET": account.secret}
    log = field.new_folder(module) / "log"
    found: dict[str, float] = run_program(
        module, *options, environment=environment, log=log, cores=field.cores, seconds=patience_seconds(messages)
    )
    return found
