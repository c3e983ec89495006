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


@dataclass(frozen=True)
class Result:
    """`began` is by the clock that all processes share (`time.monotonic`); `p95` is of one request, in milliseconds."""

    messages: int
    began: float
    seconds: float
    p95: float

    @property
    def speed(self) -> float:
        """Return the messages a second."""
        return self.messages / self.seconds


def send(field: Field, port: int, account: Account, messages: int, connections: int = CONNECTIONS) -> Result:
    """Send by SMTP, with STARTTLS and AUTH PLAIN."""
    sign_in = ["--authority", str(account.authority), "--user", account.user]
    return _run(field, "smtp_client", [str(port), str(messages), str(connections), *sign_in], account, messages)


def post(field: Field, port: int, path: str, account: Account, messages: int, *, batch: int = 0) -> Result:
    """Post over HTTP; `batch` messages in each request, where it is one to several."""
    options = [str(port), path, str(messages), str(CONNECTIONS), "--batch", str(batch)]
    return _run(field, "http_client", options, account, messages)


def post_slowly(field: Field, port: int, path: str, account: Account, messages: int, *, pause_ms: float) -> Result:
    """Post one at a time, with pauses."""
    options = [str(port), path, str(messages), "1", "--pause-ms", str(pause_ms)]
    return _run(field, "http_client", options, account, messages)


def _run(field: Field, module: str, options: list[str], account: Account, messages: int) -> Result:
    environment = surroundings.basic() | {"SECRET": account.secret}
    log = field.new_folder(module) / "log"
    found = run_program(
        module, *options, environment=environment, log=log, cores=field.cores, seconds=patience_seconds(messages)
    )
    return Result(messages, found["began"], found["seconds"], found["p95"])
