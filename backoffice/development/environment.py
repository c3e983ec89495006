"""The environment of the development stack: what the shell and `.env` set, then what the stack chooses itself."""

import os
import secrets
import sys
import tempfile
from pathlib import Path

import environ

from backoffice.development import certificates
from backoffice.environment import private_folder, stop
from backoffice.new_secrets_key import new_key

ROOT = Path(__file__).resolve().parent.parent.parent
SOCKET = "broker.sock"
LONGEST_SOCKET_PATH_BYTES = 100  # the kernel's limit is 108, on macOS 104
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


def set_up() -> Path:
    """Complete the environment of this process, which its children inherit; return the folder of the data."""
    if (ROOT / ".env").exists():
        environ.Env.read_env(str(ROOT / ".env"))
    for name in [name for name, value in os.environ.items() if not value]:
        del os.environ[name]  # empty is like absent
    var = private_folder("VAR_DIR", ROOT / "var").resolve()
    os.environ["VAR_DIR"] = str(var)
    environ.Env.read_env(str(make_secrets(var)))
    certificates.make(var / "tls")
    for name, value in defaults(var).items():
        os.environ.setdefault(name, value)
    if broker_is_embedded(var):
        make_socket_folder(var)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return var


def make_secrets(var: Path) -> Path:
    """Write this machine's keys, unless they are there, for their owner's eyes only; return the file."""
    path = var / "dev.env"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(f"SECRET_KEY={secrets.token_urlsafe(50)}\nSECRETS_KEYS={new_key()}\n")
        draft.rename(path)
    return path


def defaults(var: Path) -> dict[str, str]:
    port, catcher_port = os.environ.get("PORT", "8000"), os.environ.get("CATCHER_PORT", "1025")
    door_port = os.environ.get("SUBMISSION_PORT", "1587")
    values = {
        "DEBUG": "1",
        "PORT": port,
        "CATCHER_PORT": catcher_port,
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": ".localhost,127.0.0.1,[::1]",
        "DEFAULT_FROM_EMAIL": "no-reply@builder.example",
        "EMAIL_URL": f"smtp://127.0.0.1:{catcher_port}",
        "SMTP_ALLOWED_CIDRS": "127.0.0.0/8,::1/128",
        "API_URL": f"http://localhost:{port}/api",
        "SUBMISSION_HOST": "localhost",
        "SUBMISSION_PORT": door_port,
        "SUBMISSION_TLS_PORT": str(int(door_port) + 1) if door_port.isdigit() else "1588",
        "SUBMISSION_LISTEN": "127.0.0.1",
        "SUBMISSION_CERTIFICATE": str(var / "tls" / certificates.SERVER_FILE),
        "SMTP_CA_FILE": str(var / "tls" / certificates.AUTHORITY_FILE),
        "REDIS_URL": embedded_broker(var),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
    return values | ({"PYTHONWARNINGS": ROOT_WARNING} if os.geteuid() == 0 else {})


def embedded_broker(var: Path) -> str:
    return f"unix://{socket_folder(var) / SOCKET}?db=0"


def broker_is_embedded(var: Path) -> bool:
    return os.environ["REDIS_URL"] == embedded_broker(var)


def socket_folder(var: Path) -> Path:
    """Return the folder of the broker's socket, short enough for one."""
    if len(os.fsencode(var / "run" / SOCKET)) > LONGEST_SOCKET_PATH_BYTES:
        return Path(tempfile.gettempdir()) / f"backoffice-{os.geteuid()}-{var.stat().st_ino}"
    return var / "run"


def make_socket_folder(var: Path) -> None:
    """Make the folder of the broker's socket, which only its owner enters."""
    folder = socket_folder(var)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        stop(f"{folder} belongs to somebody else; remove it, or choose another folder with VAR_DIR.")
    folder.chmod(0o700)
