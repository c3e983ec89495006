"""The product with its doors open: a key, `manage.py smtp_submission`, gunicorn with one worker."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.databases import POSTGRESQL
from benchmarks.field import Field
from benchmarks.interop.workspace import Certificate
from benchmarks.processes import Process, wait_until
from benchmarks.product import Product, installed
from benchmarks.sinks import Sink, free_port, listens

API_PATH = "/api"
START_SECONDS = 60
NO_LIMIT = 1_000_000  # of requests a minute, which are counted all the same
GUNICORN = ("--workers", "1", "--threads", "4", "--keep-alive", "60")  # as in the README, but for the workers


@dataclass(frozen=True)
class Doors:
    """`secret` is that of a key of the application Shop, `provisioning_secret` that of one of the platform."""

    product: Product
    secret: str
    provisioning_secret: str
    smtp_port: int
    http_port: int

    @contextmanager
    def smtp(self) -> Iterator[Process]:
        """Give one process of SMTP submission."""
        command = [sys.executable, "manage.py", "smtp_submission"]
        with self._started(command, "submission", self.smtp_port) as process:
            yield process

    @contextmanager
    def http(self) -> Iterator[Process]:
        with self._started(gunicorn("backoffice.wsgi", self.http_port), "web", self.http_port) as process:
            yield process

    @contextmanager
    def _started(self, command: list[str], name: str, port: int) -> Iterator[Process]:
        log = self.product.folder / f"{name}.log"
        with Process(command, environment=self.product.environment(), log=log, cores=self.product.field.cores) as one:
            wait_until(lambda: listens(port), START_SECONDS, lambda: f"{name} does not listen; see {log}")
            yield one


def gunicorn(application: str, port: int) -> list[str]:
    """Return the command that serves a WSGI application with one worker, the same for everybody."""
    return [sys.executable, "-m", "gunicorn", application, *GUNICORN, "--bind", f"127.0.0.1:{port}"]


@contextmanager
def with_doors(field: Field, sink: Sink, certificate: Certificate) -> Iterator[Doors]:
    """Install the product with a key, and with addresses for its doors, which are still closed."""
    smtp, implicit, http = free_port(), free_port(), free_port()
    settings = (
        ("API_REQUESTS_PER_MINUTE", str(NO_LIMIT)),
        ("API_URL", f"http://localhost:{http}{API_PATH}"),
        ("SUBMISSION_HOST", "localhost"),
        ("SUBMISSION_LISTEN", "127.0.0.1"),
        ("SUBMISSION_PORT", str(smtp)),
        ("SUBMISSION_TLS_PORT", str(implicit)),
        ("SUBMISSION_CERTIFICATE", str(certificate.chain)),
        ("SUBMISSION_CERTIFICATE_KEY", str(certificate.key)),
    )
    with installed(field, POSTGRESQL, sink, settings=settings) as product:
        secrets = product.run_program("doors_key")
        yield Doors(product, secrets["send"], secrets["provision"], smtp, http)
