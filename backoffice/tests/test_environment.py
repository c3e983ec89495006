"""A wrong setting stops the start with one sentence and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis

from backoffice.environment import celery_broker

GOOD = {
    "SECRET_KEY": "x" * 50,
    "SECRETS_KEYS": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "SITE_URL": "https://backoffice.example.com",
}


def start(folder: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own with nothing but `values` set."""
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **GOOD, **values}
    code = "from backoffice import settings; print(settings.SECRET_KEY)"
    return subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=False)


def test_the_settings_load_with_little_more_than_keys(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set."),
        ("SECRETS_KEYS", "", "SECRETS_KEYS needs one or more keys"),
        ("SECRETS_KEYS", "c2hvcnQ=", "Every key in SECRETS_KEYS must be 32 bytes long."),
        ("SECRETS_KEYS", "é", "not URL-safe base64"),
        ("DEBUG", "maybe", "DEBUG must be true or false, not 'maybe'."),
        ("PORT", "eighty", "PORT must be a whole number"),
        ("PORT", "70000", "PORT must be a port between 1 and 65535"),
        ("SITE_URL", "backoffice.example.com", "SITE_URL must be an address such as"),
        ("SITE_URL", "https://backoffice.example.com/here", "without a path"),
        ("SITE_URL", "https://[oops", "SITE_URL must be an address such as"),
        ("DATABASE_URL", "db.example.com", "DATABASE_URL is no database address"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must be such as"),
        ("REDIS_URL", "redis://redis.example.com/0", "has no password"),
        ("EMAIL_URL", "smtp.example.com", "EMAIL_URL must be such as"),
        ("EMAIL_URL", "smtp+tls://smtp.example.com:99999", "its port is no number"),
        ("SMTP_ALLOWED_CIDRS", "10.0.0.1/8", "SMTP_ALLOWED_CIDRS must be a comma-separated list of networks"),
        ("DNS_RESOLVERS", "192.0.2.1, ns.example.com", "such as 192.0.2.1 or 192.0.2.1:5353, with commas, not 'ns.e"),
        ("DNS_RESOLVERS", "192.0.2.1:99999", "not '192.0.2.1:99999'"),
        ("SMTP_CA_FILE", "/nowhere.pem", "SMTP_CA_FILE names a file that cannot be read"),
        ("SECRET_KEY_FILE", "/nowhere", "SECRET_KEY_FILE points at a file that cannot be read"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of"),
        ("API_URL", "mail.example.com/api", "API_URL must be an address such as"),
        ("API_URL", "https://mail.example.com/api?key=x", "API_URL must be an address such as"),
        ("SUBMISSION_PORT", "smtp", "SUBMISSION_PORT must be a whole number"),
        ("VAR_DIR", "/dev/null/var", "VAR_DIR must be a folder"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(tmp_path: Path, name: str, value: str, says: str) -> None:
    done = start(tmp_path, **{name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Cannot start: ")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("$ecret of the file\n")
    assert start(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(secret)).stdout == "$ecret of the file\n"


def test_a_file_that_is_no_text_stops_the_start_too(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xfe")
    done = start(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(secret))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Cannot start: SECRET_KEY_FILE points at a file that is not UTF-8 text.\n"


def test_debug_admits_a_broker_without_a_password(tmp_path: Path) -> None:
    assert start(tmp_path, DEBUG="1", REDIS_URL="redis://redis.example.com/0").returncode == 0


def test_the_command_makes_a_key_that_the_settings_take(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "backoffice.new_secrets_key"]
    key = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert start(tmp_path, SECRETS_KEYS=f"{key},{GOOD['SECRETS_KEYS']}").returncode == 0


def test_every_setting_that_is_read_is_in_the_example() -> None:
    import re

    root = Path(__file__).resolve().parent.parent.parent
    read = set(re.findall(r'env\.\w+\(\s*[\'"]([A-Z0-9_]+)', (root / "backoffice" / "settings.py").read_text()))
    example = set(re.findall(r"^#? ?([A-Z0-9_]+)=", (root / ".env.example").read_text(), re.MULTILINE))
    assert read - example == set()


@pytest.mark.parametrize("options", ["db=0", "db=3", "db=3&username=worker&password=p%3Aw%2Fd"])
def test_tasks_lie_in_the_database_that_the_address_of_a_socket_names(valkey: str, options: str) -> None:
    address = f"{valkey.partition('?')[0]}?{options}"
    with Redis.from_url(valkey) as redis:
        redis.acl_setuser(
            "worker", enabled=True, passwords=["+p:w/d"], categories=["+@all"], keys=["*"], channels=["*"]
        )
    with Celery(broker=celery_broker(address)) as app:
        app.send_task("nobody.runs.it", queue="queue-of-a-test")
    with Redis.from_url(address) as redis:
        assert redis.llen("queue-of-a-test") == 1
        redis.delete("queue-of-a-test")


def test_a_wrong_password_for_a_broker_at_a_socket_is_refused(valkey: str) -> None:
    address = f"{valkey.partition('?')[0]}?username=worker&password=wrong"
    with Celery(broker=celery_broker(address)) as app, pytest.raises(OperationalError):
        app.send_task("nobody.runs.it", queue="queue-of-a-test", retry=False)
