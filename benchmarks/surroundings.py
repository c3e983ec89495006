"""What the processes of a benchmark are told by their environment, and the broker that they share."""

import base64
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from celery import Celery

from benchmarks.processes import ROOT, Failed, Process, wait_until

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"
PEERS_SETTINGS = "benchmarks.programs.settings"
REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"
WITHHELD, LISTENED_TO = 1, 0  # databases of the broker: nobody listens to the first, so a wake-up there wakes nobody


def basic() -> dict[str, str]:
    """Return what every process needs and nothing that the shell says of the product."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, "PYTHONWARNINGS": ROOT_WARNING, "PYTHONUNBUFFERED": "1", "C_FORCE_ROOT": "1"}


def of_product(database_url: str, folder: Path, broker_db: int = LISTENED_TO) -> dict[str, str]:
    """Return the environment of the product's own processes: what an installation sets, and loopback allowed."""
    return basic() | {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "SECRET_KEY": "only for benchmarks: " + "0123456789" * 5,
        "SECRETS_KEYS": base64.urlsafe_b64encode(b"k" * 32).decode(),
        "SITE_URL": "http://localhost",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "SMTP_ALLOWED_CIDRS": "127.0.0.0/8",
        "DATABASE_URL": database_url,
        "REDIS_URL": broker_url(folder, broker_db),
        "VAR_DIR": str(folder),
    }


def of_peer(folder: Path, *, database_url: str = "", sink_port: int = 0, **more: str) -> dict[str, str]:
    """Return the environment of a peer: the same Django, settings of its own, the benchmark's packages."""
    return basic() | {
        "DJANGO_SETTINGS_MODULE": PEERS_SETTINGS,
        "PYTHONPATH": str(peers_folder()),
        "DATABASE_URL": database_url,
        "BROKER_URL": celery_broker(folder),
        "SINK_PORT": str(sink_port),
        "SCRATCH": str(folder),
        **more,
    }


def broker_socket(folder: Path) -> Path:
    return folder / "broker.sock"


def broker_url(folder: Path, number: int = LISTENED_TO) -> str:
    return f"unix://{broker_socket(folder)}?db={number}"


def celery_broker(folder: Path) -> str:
    """Name the broker as Celery and the peers do."""
    return f"redis+socket://{broker_socket(folder)}"


def start_broker(folder: Path, cores: Collection[int] = ()) -> Process:
    """Start the embedded broker as the development stack does."""
    environment = basic() | {"REDIS_URL": broker_url(folder), "VAR_DIR": str(folder)}
    command = [sys.executable, "-m", "backoffice.development.broker"]
    broker = Process(command, environment=environment, log=folder / "broker.out", cores=cores)
    wait_until(broker_socket(folder).exists, 20, lambda: "the broker did not start")
    return broker


def wait_for_workers(folder: Path, count: int, seconds: float = 120) -> None:
    """Wait until so many workers answer."""
    with Celery(broker=celery_broker(folder)) as app:
        wait_until(
            lambda: len(app.control.ping(limit=count)) == count, seconds, lambda: f"no {count} workers in {folder}"
        )


def worker_command(name: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "backoffice", "worker", "-P", "threads", "-n", f"{name}@benchmark"]


def migrate(environment: Mapping[str, str]) -> None:
    """Make the tables of the settings that the environment names."""
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"The tables could not be made:\n{done.stderr}")


def peers_folder() -> Path:
    return ROOT / "var" / "benchmarks" / "peers"


def install_peers() -> None:
    """Put the packages that only the benchmark needs beside the product's own, once."""
    stamp = peers_folder() / "requirements.txt"
    if stamp.is_file() and stamp.read_bytes() == REQUIREMENTS.read_bytes():
        return
    options = ["--disable-pip-version-check", "--quiet", "--no-deps", "--require-hashes", "--upgrade"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(peers_folder()), "--requirement"]
    if subprocess.run([*command, str(REQUIREMENTS)], check=False).returncode:
        raise Failed(f"{REQUIREMENTS.name} could not be installed; pip's own words are above.")
    stamp.write_bytes(REQUIREMENTS.read_bytes())
