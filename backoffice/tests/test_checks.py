"""What `manage.py check --deploy` objects to."""

import ipaddress

import pytest
from django.conf import LazySettings

from backoffice.checks import check_deployment


@pytest.fixture
def production(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    settings.DEBUG, settings.OWNER_SECOND_FACTOR = False, True
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://backoffice.example.com", ["backoffice.example.com"]
    settings.REDIS_URL, settings.SMTP_ALLOWED_CIDRS = "rediss://:secret@redis.example.com/0", []
    return settings


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
        ("REDIS_URL", "redis://redis.example.com/0", "backoffice.E006"),
        ("ALLOWED_HOSTS", ["*"], "backoffice.E007"),
        ("API_URL", "http://mail.example.com/api", "backoffice.E008"),
        ("DNS_AUTHORITY_PORT", 5353, "backoffice.W002"),
    ],
)
def test_each_danger_is_named(production: LazySettings, name: str, value: object, objection: str) -> None:
    setattr(production, name, value)
    assert objections() == [objection]


def test_sqlite_is_doubted(production: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(production.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert objections() == ["backoffice.W001"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1/0", "redis://localhost/0", "unix:///run/redis.sock?db=0"])
def test_a_broker_on_this_machine_needs_no_password(production: LazySettings, url: str) -> None:
    production.REDIS_URL = url
    assert objections() == []
