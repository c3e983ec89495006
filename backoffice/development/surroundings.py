"""The environment of the development stack: what the shell and `.env` set, then what the stack chooses itself."""

import os
import secrets
import sys
import tempfile
from pathlib import Path

import environ

from backoffice.development import certificates
from backoffice.environment import folder, stop
from backoffice.new_secrets_key import new_key

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SOCKET_PATH_BYTES = 100  # the kernel's limit is 108, on macOS 104
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


def adopt() -> Path:
    """Complete the environment of this process, which its children inherit; return the folder of what is kept."""
    if (ROOT / ".env").exists():
        environ.Env.read_env(str(ROOT / ".env"))
    for name in [name for name, value in os.environ.items() if not value]:
        del os.environ[name]  # empty is like absent
    var = folder("VAR_DIR", ROOT / "var").resolve()
    os.environ["VAR_DIR"] = str(var)
    environ.Env.read_env(str(own_secrets(var)))
    for name, value in defaults(var).items():
        os.environ.setdefault(name, value)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return var


def own_secrets(var: Path) -> Path:
    """Return the file with this machine's keys, written once, for its owner's eyes only."""
    path = var / "dev.env"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(f"SECRET_KEY={secrets.token_urlsafe(50)}\nSECRETS_KEYS={new_key()}\n")
        draft.rename(path)
    return path


def defaults(var: Path) -> dict[str, str]:
    port, catcher_port = os.environ.get("PORT", "8000"), os.environ.get("CATCHER_PORT", "1025")
    values = {
        "DEBUG": "1",
        "PORT": port,
        "CATCHER_PORT": catcher_port,
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": ".localhost,127.0.0.1,[::1]",
        "DEFAULT_FROM_EMAIL": "no-reply@builder.example",
        "EMAIL_URL": f"smtp://127.0.0.1:{catcher_port}",
        "SMTP_ALLOWED_CIDRS": "127.0.0.0/8,::1/128",
        "SMTP_CA_FILE": str(certificates.make(var / "tls")),
        "REDIS_URL": embedded_broker(var),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
    return values | ({"PYTHONWARNINGS": ROOT_WARNING} if os.geteuid() == 0 else {})


def embedded_broker(var: Path) -> str:
    return f"unix://{broker_socket(var)}?db=0"


def broker_is_embedded(var: Path) -> bool:
    return os.environ["REDIS_URL"] == embedded_broker(var)


def broker_socket(var: Path) -> Path:
    """Return a path in a folder that only its owner enters, short enough for a socket."""
    place = var / "run"
    if len(os.fsencode(place / "broker.sock")) > LONGEST_SOCKET_PATH_BYTES:
        place = Path(tempfile.gettempdir()) / f"backoffice-{os.geteuid()}-{var.stat().st_ino}"
    place.mkdir(mode=0o700, exist_ok=True)
    if place.stat().st_uid != os.geteuid():
        stop(f"{place} belongs to somebody else; remove it, or choose another folder with VAR_DIR.")
    place.chmod(0o700)
    return place / "broker.sock"
