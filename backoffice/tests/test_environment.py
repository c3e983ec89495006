"""A wrong setting stops the start with one sentence and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis

from backoffice.environment import celery_broker, secret_key

GOOD = {
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SECRETS_KEYS": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "SITE_URL": "https://backoffice.example.com",
}


def start(folder: Path, shows: str = "SECRET_KEY", **values: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own with nothing but `values` set, and print those that `shows` names."""
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **GOOD, **values}
    code = f"from backoffice import settings\nfor name in '{shows}'.split(): print(getattr(settings, name))"
    return subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=False)


def test_the_settings_load_with_little_more_than_keys(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set."),
        ("SECRET_KEY", "x", "SECRET_KEY is too short to be secret: 1 of 50 characters."),
        ("SECRET_KEY", "0123456789abcdef" * 3, "too short to be secret: 48 of 50"),
        ("SECRET_KEY", "x" * 50, "SECRET_KEY repeats few characters"),
        ("SECRET_KEY", "0123456789" * 5, "SECRET_KEY repeats few characters"),
        ("SECRET_KEY", f"django-insecure-{'0123456789abcdefghij' * 2}", "holds “insecure”"),
        ("SECRET_KEY", f"Change_Me {'0123456789abcdefghij' * 2}", "holds “changeme”"),
        ("SECRET_KEY", f"your secret key {'0123456789abcdefghij' * 2}", "holds “secretkey”"),
        ("SECRETS_KEYS", "", "SECRETS_KEYS needs one or more keys"),
        ("SECRETS_KEYS", "c2hvcnQ=", "Every key in SECRETS_KEYS must be 32 bytes long."),
        ("SECRETS_KEYS", "é", "not URL-safe base64"),
        ("DEBUG", "maybe", "DEBUG must be true or false, not 'maybe'."),
        ("OIDC_ISSUER", "login.example.com", "OIDC_ISSUER must be an address such as"),
        ("OIDC_ISSUER", "https://login.example.com/?x=1", "OIDC_ISSUER must be an address such as"),
        ("OIDC_ISSUER", "http://login.example.com", "OIDC_ISSUER must begin with https://"),
        ("OIDC_ISSUER", "https://login.example.com", "OIDC_CLIENT_ID is not set. OIDC_ISSUER needs it."),
        ("OWNER_SESSION_SECONDS", "12h", "OWNER_SESSION_SECONDS must be a whole number of at least 300"),
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
        ("EMAIL_URL", "smtp+tls://smtp.example.com:0", "its port is no number"),
        ("EMAIL_URL", "smtp+tls://AKIAX:/abc@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp+tls://AKIAX:#abc@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp+tls://AKIAX:?abc@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp+tls://AKIAX:ab/c@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp+tls://AKIAX:[abc@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp+tls://AKIAX:a%0Abc@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp+tls://AKIAX:a%FFbc@smtp.example.com:587", "such as %2F for /"),
        ("EMAIL_URL", "smtp://smtp.example.com/?timeout=5", "nothing behind the port"),
        ("EMAIL_URL", "smtp+tls://user@smtp.example.com", "give both a user and a password, or neither"),
        ("EMAIL_URL", "smtp+tls://user:@smtp.example.com", "give both a user and a password, or neither"),
        ("EMAIL_URL", "smtp+tls://:password@smtp.example.com", "give both a user and a password, or neither"),
        ("EMAIL_URL", "smtp://smtp..example.com", "EMAIL_URL names no host that there can be"),
        ("EMAIL_URL", "smtp+tls://user:password@", "EMAIL_URL must be such as"),
        ("SITE_URL", "https://back office.example.com", "SITE_URL names no host"),
        ("SITE_URL", "https://1.2.3.4.5", "SITE_URL names no host"),
        ("SITE_URL", "https://@backoffice.example.com", "without a path"),
        ("SMTP_EHLO_NAME", "mail example", "SMTP_EHLO_NAME must be a host name"),
        ("DEFAULT_FROM_EMAIL", "The platform <no-reply>", "DEFAULT_FROM_EMAIL must be an address such as"),
        ("DEFAULT_FROM_EMAIL", "no-reply", "DEFAULT_FROM_EMAIL must be an address such as"),
        ("DEFAULT_FROM_EMAIL", "Example", "DEFAULT_FROM_EMAIL must be an address such as"),
        ("DEFAULT_FROM_EMAIL", "a@b.example, c@d.example", "not 'a@b.example, c@d.example'"),
        ("DEFAULT_FROM_EMAIL", "Example <a@b.example", "not 'Example <a@b.example'"),
        ("DEFAULT_FROM_EMAIL", "a b@c.example", "not 'a b@c.example'"),
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


@pytest.mark.parametrize(
    ("site", "url", "allowed", "in_mail"),
    [
        ("https://Backoffice.Example.com:443/", "https://backoffice.example.com", "backoffice.example.com", None),
        ("https://192.0.2.1:8443", "https://192.0.2.1:8443", "192.0.2.1", "[192.0.2.1]"),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]", "[IPv6:::1]"),
        ("https://[2001:DB8::0:1]", "https://[2001:db8::1]", "[2001:db8::1]", "[IPv6:2001:db8::1]"),
        ("https://büro.example", "https://xn--bro-hoa.example", "xn--bro-hoa.example", None),
        ("https://backoffice.example.com.", "https://backoffice.example.com", "backoffice.example.com", None),
    ],
)
def test_the_site_is_named_in_mail_as_mail_names_hosts(
    tmp_path: Path, site: str, url: str, allowed: str, in_mail: str | None
) -> None:
    names = "SITE_URL ALLOWED_HOSTS MAIL_NAME SMTP_EHLO_NAME DEFAULT_FROM_EMAIL"
    in_mail = in_mail or allowed
    shown = start(tmp_path, names, SITE_URL=site).stdout.splitlines()
    assert shown == [url, str([allowed]), in_mail, in_mail, f"no-reply@{in_mail}"]


def test_other_names_in_mail_are_written_alike(tmp_path: Path) -> None:
    values = {"SMTP_EHLO_NAME": "2001:db8::1", "DEFAULT_FROM_EMAIL": "no-reply@büro.example"}
    shown = start(tmp_path, " ".join(values), **values).stdout.splitlines()
    assert shown == ["[IPv6:2001:db8::1]", "no-reply@xn--bro-hoa.example"]


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("smtp://localhost:25", ("localhost", 25, "NONE", "NONE", "", "")),
        ("smtps://[::1]/", ("::1", 465, "IMPLICIT_TLS", "NONE", "", "")),
        (
            "smtp+tls://me@x.example:%2F%23%3Fab:c@Mail.example",
            ("mail.example", 587, "STARTTLS", "PASSWORD", "me@x.example", "/#?ab:c"),
        ),
        (
            "smtp+tls://u:p%C3%A9@bücher.example:2525",
            ("xn--bcher-kva.example", 2525, "STARTTLS", "PASSWORD", "u", "pé"),
        ),
    ],
)
def test_the_server_default_is_read_from_its_address(tmp_path: Path, url: str, fields: tuple[object, ...]) -> None:
    names = ("host", "port", "security", "auth", "username", "password")
    assert start(tmp_path, "DEFAULT_SMTP", EMAIL_URL=url).stdout.strip() == str(dict(zip(names, fields, strict=True)))


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("hello@builder.example", "hello@builder.example"),
        ("Builder <hello@builder.example>", "Builder <hello@builder.example>"),
        ("'Builder, Inc.' <hello@bücher.example>", "\"'Builder, Inc.'\" <hello@xn--bcher-kva.example>"),
        ('"Builder, Inc." <hello@localhost>', '"Builder, Inc." <hello@localhost>'),
        ("", "no-reply@backoffice.example.com"),
    ],
)
def test_the_default_sender_may_have_a_name(tmp_path: Path, value: str, sender: str) -> None:
    done = start(tmp_path, "DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL=value)
    assert (done.returncode, done.stdout) == (0, f"{sender}\n")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"${GOOD['SECRET_KEY']}\n")
    assert start(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(secret)).stdout == f"${GOOD['SECRET_KEY']}\n"


def test_a_file_that_is_no_text_stops_the_start_too(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xfe")
    done = start(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(secret))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Cannot start: SECRET_KEY_FILE points at a file that is not UTF-8 text.\n"


def test_debug_admits_a_key_that_can_be_guessed(tmp_path: Path) -> None:
    assert start(tmp_path, DEBUG="1", SECRET_KEY="x").returncode == 0


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


@pytest.mark.parametrize("word", ["changethis", "replaceme", "example", "placeholder"])
def test_a_key_that_holds_the_word_of_a_placeholder_is_none(
    word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOME_KEY", f"{word[:4]}-{word[4:].upper()}-0123456789abcdefghijklmnopqrstuvwxyz0123456789abcd")
    with pytest.raises(SystemExit):
        secret_key("SOME_KEY", trusting=False)
    assert f"holds “{word}”" in capsys.readouterr().err
