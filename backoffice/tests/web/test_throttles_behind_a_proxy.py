"""Whoever is stopped stays stopped, whatever X-Forwarded-For claims, and stops nobody else."""

from collections.abc import Callable

import pytest
from allauth.account.adapter import get_adapter
from django.conf import LazySettings
from django.test import Client, RequestFactory

from backoffice.audit.middleware import record
from backoffice.public import records_page
from gateway.keys import throttle
from people.models import AuditEntry

GUESSER, OTHER = "203.0.113.7", "203.0.113.8"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PROXY_HOPS, settings.API_URL = 1, "http://testserver/api"
    monkeypatch.setattr(records_page, "REQUESTS_PER_MINUTE", throttle.WRONG_FROM_ADDRESS)


def wrong_key(client: Client, claimed: str) -> int:
    headers = {"x-forwarded-for": claimed, "authorization": "Bearer hunter2"}
    return client.get("/api/emails", headers=headers).status_code


def unknown_link(client: Client, claimed: str) -> int:
    return client.get(f"/dns/{'x' * 43}/", headers={"x-forwarded-for": claimed}).status_code


@pytest.mark.parametrize(("door", "refusal"), [(wrong_key, 403), (unknown_link, 404)])
def test_a_claimed_address_evades_no_throttle(door: Callable[[Client, str], int], refusal: int, client: Client) -> None:
    answers = [door(client, f"192.0.2.{number}, {GUESSER}") for number in range(throttle.WRONG_FROM_ADDRESS + 2)]
    assert (answers[0], answers[-1]) == (refusal, 429)
    assert door(client, f"{GUESSER}, {OTHER}") == refusal


def test_the_sign_in_counts_by_the_same_address() -> None:
    request = RequestFactory(headers={"x-forwarded-for": f"{OTHER}, {GUESSER}"}).get("/")
    assert get_adapter().get_client_ip(request) == GUESSER


def test_the_audit_log_has_the_same_address() -> None:
    record(RequestFactory(headers={"x-forwarded-for": f"{OTHER}, {GUESSER}"}).get("/"), "tried", person=None)
    assert AuditEntry.objects.get().address == GUESSER
