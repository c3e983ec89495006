"""Domains: *Send request* with a key, what the platform answered, and what DNS showed."""

import pytest
from django.db import OperationalError

from gateway.tests.http.conftest import Caller
from people.models import AuditEntry, User
from testing.factories import make_domain
from whitelabel.dns.record import Record, Status
from whitelabel.domains import lifecycle
from whitelabel.models import DnsRecord, SendingDomain, WhiteLabel

pytestmark = pytest.mark.django_db
State = SendingDomain.State
RECORDS = [
    Record("TXT", "acme-mail.example", "v=spf1 include:relay.example ~all"),
    Record("CNAME", "s1._domainkey.acme-mail.example", "s1.relay.example"),
    Record("MX", "send.acme-mail.example", "10 feedback.relay.example"),
]


def test_a_request_is_one_to_the_platform_with_the_owner_as_its_sender(caller: Caller, alice: User) -> None:
    answer = caller("POST", "/domains", {"name": "ACME-Mail.example.", "region": "eu-west-1"}).json()
    domain = SendingDomain.objects.get()
    assert (domain.domain, domain.state, domain.requested_by) == ("acme-mail.example", State.REQUESTED, alice)
    assert (answer["id"], answer["name"], answer["status"]) == (str(domain.pk), "acme-mail.example", "not_started")
    assert (answer["records"], answer["capabilities"]["sending"]) == ([], "disabled")
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.person) == ("domain.request", None)
    assert caller.key.prefix in entry.who
    assert caller.secret not in entry.who


def test_what_cannot_be_recorded_is_not_done(caller: Caller, acme: WhiteLabel, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the disk is full")

    domain = make_domain(acme)
    monkeypatch.setattr(AuditEntry, "save", fail)
    assert caller("POST", "/domains", {"name": "acme-mail.example"}).status_code == 503
    assert caller("DELETE", f"/domains/{domain.pk}").status_code == 503
    assert [kept.state for kept in SendingDomain.objects.all()] == [domain.state]


def test_the_records_are_there_once_the_platform_has_answered(caller: Caller, owner: User) -> None:
    domain_id = caller("POST", "/domains", {"name": "acme-mail.example"}).json()["id"]
    domain = SendingDomain.objects.get()
    lifecycle.perform(domain.approve, RECORDS, by=owner)
    DnsRecord.objects.filter(type="CNAME").update(status=Status.OK, checked_at=domain.requested_at)
    answer = caller("GET", f"/domains/{domain_id}").json()
    assert answer["status"] == "partially_verified"
    records = {record["record"]: record for record in answer["records"]}
    assert (records["DKIM"]["status"], records["DKIM"]["value"]) == ("verified", "s1.relay.example")
    assert records["Ownership"]["status"] == "not_started"
    mx = next(record for record in answer["records"] if record["type"] == "MX")
    assert (mx["value"], mx["priority"], mx["record"]) == ("feedback.relay.example", 10, "SPF")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.REQUESTED, "not_started"), (State.APPROVED, "pending"), (State.VERIFYING, "pending"),
        (State.ACTIVE, "verified"), (State.DEGRADED, "partially_failed"), (State.SUSPENDED, "failed"),
        (State.REFUSED, "failed"), (State.EXPIRED, "failed"),
    ],
)  # fmt: skip
def test_each_state_has_its_word(state: str, status: str, caller: Caller, acme: WhiteLabel) -> None:
    make_domain(acme, state=state)
    assert [item["status"] for item in caller("GET", "/domains").json()["data"]] == [status]


@pytest.mark.parametrize(
    "name", ["", "com", "localhost", "127.0.0.1", "gmail.com", "a b.example", "x" * 300, "a\x00.example"]
)
def test_what_nobody_can_send_from_is_refused(name: str, caller: Caller) -> None:
    answer = caller("POST", "/domains", {"name": name})
    assert (answer.status_code, answer.json()["name"]) == (422, "validation_error")
    assert not SendingDomain.objects.exists()


def test_a_domain_is_asked_for_once_and_three_a_day(caller: Caller) -> None:
    assert caller("POST", "/domains", {"name": "a-acme.example"}).status_code == 200
    assert "already has a request" in caller("POST", "/domains", {"name": "a-acme.example"}).json()["message"]
    for name in ("b-acme.example", "c-acme.example"):
        assert caller("POST", "/domains", {"name": name}).status_code == 200
    answer = caller("POST", "/domains", {"name": "d-acme.example"})
    assert (answer.status_code, answer.json()["name"]) == (429, "daily_quota_exceeded")
    assert "tomorrow" in answer.json()["message"]
    assert 24 * 3600 - 60 < int(answer["Retry-After"]) <= 24 * 3600


def test_what_is_withdrawn_is_gone(caller: Caller) -> None:
    domain_id = caller("POST", "/domains", {"name": "acme-mail.example"}).json()["id"]
    assert caller("DELETE", f"/domains/{domain_id}").json() == {"object": "domain", "id": domain_id, "deleted": True}
    assert SendingDomain.objects.get().state == State.WITHDRAWN
    assert (
        caller("GET", f"/domains/{domain_id}").status_code
        == caller("DELETE", f"/domains/{domain_id}").status_code
        == 404
    )
    assert list(AuditEntry.objects.values_list("act", flat=True).order_by("pk")) == [
        "domain.request",
        "domain.withdraw",
        "access.refused",
    ]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/verify")])
def test_another_white_labels_domain_is_not_there(method: str, path: str, caller: Caller, globex: WhiteLabel) -> None:
    theirs = make_domain(globex, "globex.test")
    answer = caller(method, f"/domains/{theirs.pk}{path}")
    assert (answer.status_code, answer.content) == (404, caller(method, f"/domains/999{path}").content)
    assert caller("GET", "/domains").json()["data"] == []


def test_a_test_key_changes_nothing(tester: Caller, acme: WhiteLabel) -> None:
    domain = make_domain(acme)
    calls = [("POST", "/domains"), ("DELETE", f"/domains/{domain.pk}"), ("POST", f"/domains/{domain.pk}/verify")]
    assert {tester(method, path, {"name": "x.example"}).status_code for method, path in calls} == {401}
    assert tester("GET", f"/domains/{domain.pk}").status_code == 200


def test_a_key_whose_owner_is_no_admin_any_more_asks_for_nothing(caller: Caller, acme: WhiteLabel, alice: User) -> None:
    acme.admins.remove(alice)
    assert caller("GET", "/domains").json()["name"] == "restricted_api_key"


def test_verify_looks_at_dns(caller: Caller, acme: WhiteLabel) -> None:
    domain = make_domain(acme, state=State.REQUESTED)
    answer = caller("POST", f"/domains/{domain.pk}/verify")
    assert answer.json() == {"object": "domain", "id": str(domain.pk)}
    domain.refresh_from_db()
    assert domain.checked_at
