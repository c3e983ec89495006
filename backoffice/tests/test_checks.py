"""What `manage.py check --deploy` objects to."""

import ipaddress
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.urls import path

from backoffice.checks import check_deployment, check_pages
from testing.servers.certificates import Authority


@pytest.fixture
def production(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "db.example.com")
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"sslmode": "verify-full"})
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECRETS_KEYS = [bytes(range(32))]
    settings.DEBUG, settings.OWNER_SECOND_FACTOR = False, True
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://backoffice.example.com", ["backoffice.example.com"]
    settings.REDIS_URL, settings.SMTP_ALLOWED_CIDRS = "rediss://:secret@redis.example.com/0", []
    return settings


def test_a_page_that_does_not_say_who_may_have_it_is_an_error(settings: LazySettings) -> None:
    assert check_pages() == []
    settings.ROOT_URLCONF = (path("report/", lambda request: HttpResponse()),)
    assert [(error.id, error.msg.partition(" ")[0]) for error in check_pages()] == [("backoffice.E020", "/report/")]


def objections() -> list[str | None]:
    return [message.id for message in check_deployment()]


def test_nothing_is_wrong_with_a_careful_installation(production: LazySettings) -> None:
    assert objections() == []


@pytest.mark.parametrize(
    ("name", "value", "objection"),
    [
        ("SMTP_ALLOWED_CIDRS", [ipaddress.ip_network("0.0.0.0/0")], "backoffice.E001"),
        ("SMTP_ALLOWED_CIDRS", [ipaddress.ip_network("::/0")], "backoffice.E001"),
        ("SMTP_ALLOWED_CIDRS", [ipaddress.ip_network("127.0.0.1/32")], "backoffice.E002"),
        ("SMTP_ALLOWED_CIDRS", [ipaddress.ip_network("::1/128")], "backoffice.E002"),
        ("DEBUG", True, "backoffice.E003"),
        ("SITE_URL", "http://backoffice.example.com", "backoffice.E004"),
        ("OWNER_SECOND_FACTOR", False, "backoffice.E005"),
        ("REDIS_URL", "rediss://redis.example.com/0", "backoffice.E006"),
        ("ALLOWED_HOSTS", ["*"], "backoffice.E007"),
        ("API_URL", "http://mail.example.com/api", "backoffice.E008"),
        ("DNS_AUTHORITY_PORT", 5353, "backoffice.W002"),
        ("SUBMISSION_HOST", "smtp.example.com", "backoffice.W003"),
        ("SUBMISSION_PROXY_FROM", [ipaddress.ip_network("0.0.0.0/0")], "backoffice.E009"),
        ("SECURE_PROXY_SSL_HEADER", None, "backoffice.W004"),
        ("SECRETS_KEYS", [bytes(range(32)), b"k" * 32], "backoffice.E010"),
        ("DEFAULT_SMTP", {"host": "smtp.example.com", "security": "NONE", "auth": "PASSWORD"}, "backoffice.E011"),
        ("DEFAULT_SMTP", {"host": "192.0.2.1", "security": "NONE", "auth": "PASSWORD"}, "backoffice.E011"),
        ("DEFAULT_SMTP", {"host": "smtp.example.com", "security": "NONE", "auth": "NONE"}, "backoffice.W005"),
        ("SMTP_ALLOW_PORT_25", True, "backoffice.W006"),
        ("SMTP_CA_FILE", "/dev/null", "backoffice.E012"),
        ("SMTP_CA_FILE", "/nowhere.pem", "backoffice.E012"),
        ("REDIS_URL", "redis://:secret@redis.example.com/0", "backoffice.W007"),
    ],
)
def test_each_danger_is_named(production: LazySettings, name: str, value: object, objection: str) -> None:
    setattr(production, name, value)
    assert objections() == [objection]


@pytest.mark.parametrize("security", ["STARTTLS", "IMPLICIT_TLS"])
def test_a_password_within_tls_is_no_danger(production: LazySettings, security: str) -> None:
    production.DEFAULT_SMTP = {"host": "smtp.example.com", "security": security, "auth": "PASSWORD"}
    assert objections() == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_server_on_this_machine_may_be_spoken_to_in_the_open(production: LazySettings, host: str) -> None:
    production.DEFAULT_SMTP = {"host": host, "security": "NONE", "auth": "PASSWORD"}
    assert objections() == []


@pytest.mark.parametrize("mode", [None, "disable", "allow", "prefer"])
def test_a_database_elsewhere_is_spoken_to_within_tls(
    production: LazySettings, monkeypatch: pytest.MonkeyPatch, mode: str | None
) -> None:
    monkeypatch.setitem(production.DATABASES["default"], "OPTIONS", {"sslmode": mode} if mode else {})
    assert objections() == ["backoffice.E014"]
    for host in ("", "localhost", "127.0.0.1", "/run/postgresql"):
        monkeypatch.setitem(production.DATABASES["default"], "HOST", host)
        assert objections() == []


def test_nobody_else_may_write_the_authority(production: LazySettings, authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.write_bytes(Path(authority.file).read_bytes())
    production.SMTP_CA_FILE = str(file)
    for mode, expected in ((0o644, []), (0o664, ["backoffice.E013"]), (0o646, ["backoffice.E013"])):
        file.chmod(mode)
        assert objections() == expected


def test_a_folder_of_data_that_others_enter_is_doubted(production: LazySettings, tmp_path: Path) -> None:
    production.VAR_DIR = tmp_path
    for mode, expected in ((0o700, []), (0o750, ["backoffice.W008"]), (0o701, ["backoffice.W008"])):
        tmp_path.chmod(mode)
        assert objections() == expected


def test_sqlite_is_doubted(production: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(production.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert objections() == ["backoffice.W001"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1/0", "redis://localhost/0", "unix:///run/redis.sock?db=0"])
def test_a_broker_on_this_machine_needs_no_password(production: LazySettings, url: str) -> None:
    production.REDIS_URL = url
    assert objections() == []
