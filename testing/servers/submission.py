"""The door for SMTP submission as a process of its own, on loopback, with the database of the tests."""

import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from django.db import connection

from testing.servers import ports
from testing.servers.certificates import Authority

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 40


@dataclass
class SubmissionProcess:
    """`manage.py smtp_submission`; `settings` are those that differ from `environment`."""

    authority: Authority
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    host: str = "localhost"

    def __post_init__(self) -> None:
        self.port = ports.free_pair()
        self.tls_port = self.port + 1
        self.certificate = self.folder / f"door-{self.port}.pem"
        self.log = self.folder / f"door-{self.port}.log"
        self.renew_certificate()
        self.start()

    def renew_certificate(self) -> None:
        """Put another certificate for localhost in place of the one that is there."""
        draft = self.certificate.with_suffix(".new")
        self.authority.ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(draft))
        draft.rename(self.certificate)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "smtp_submission"],
                cwd=ROOT,
                env=os.environ | self._environment() | self.settings,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + START_SECONDS
        while "SMTP submission on" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url(),
            "SUBMISSION_HOST": self.host,
            "SUBMISSION_PORT": str(self.port),
            "SUBMISSION_TLS_PORT": str(self.tls_port),
            "SUBMISSION_LISTEN": "127.0.0.1",
            "SUBMISSION_CERTIFICATE": str(self.certificate),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def tls(self) -> ssl.SSLContext:
        """What a client needs that trusts the authority of the tests."""
        return ssl.create_default_context(cafile=str(self.authority.file))

    @property
    def memory_bytes(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    @contextmanager
    def connected(self, source: str = "127.0.0.1") -> Iterator[smtplib.SMTP]:
        """Give a client behind STARTTLS that has not signed in, whose address is `source`."""
        with smtplib.SMTP(self.host, self.port, source_address=(source, 0), timeout=30) as client:
            client.starttls(context=self.tls)
            client.ehlo()
            yield client

    @contextmanager
    def signed_in(self, secret: str, source: str = "127.0.0.1") -> Iterator[smtplib.SMTP]:
        with self.connected(source) as client:
            client.login("key", secret)
            yield client

    def clear_socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def secure_socket(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        clear = socket.create_connection(("127.0.0.1", self.tls_port), timeout=30, source_address=(source, 0))
        return self.tls.wrap_socket(clear, server_hostname="localhost")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def database_url() -> str:
    """Return the address of the database that the tests use now."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
