"""The audit log: who, what, from where, before and after, never a secret, never changed."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.signals import user_login_failed
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from people.audit import differences, snapshot
from people.models import AuditEntry, User
from smtp_settings.checks.request import check_and_store
from smtp_settings.choices import Policy
from smtp_settings.scope import load_scope
from testing.factories import PASSWORD, make_application, make_domain, make_server, switch_on_platform_smtp
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = pytest.mark.django_db


def changed(entry: AuditEntry) -> dict[str, tuple[str, str]]:
    return {change["field"]: (change["before"], change["after"]) for change in entry.changes}


def test_a_change_by_a_form_of_the_admin(client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    values = {"name": "Acme Inc", "brand_name": "Acme Apps", "brand_colour": "#112233", "mail_option": "PLATFORM"}
    client.post(
        f"/backoffice/white-labels/{acme.pk}/change/", {**values, "admins": [admin.pk for admin in acme.admins.all()]}
    )
    entry = AuditEntry.objects.get(act="whitelabel.whitelabel.change")
    assert (entry.who, entry.address) == (owner.email, "127.0.0.1")
    assert changed(entry)["name"] == ("Acme", "Acme Inc")
    assert "admins" not in changed(entry)


def test_a_change_by_a_page_of_ours(client: Client, owner: User, alice: User, charlie: User, acme: WhiteLabel) -> None:
    application = make_application(alice, acme)
    client.force_login(owner)
    client.post(f"/backoffice/applications/{application.pk}/owner/", {"owner": charlie.pk, "previous": alice.pk})
    entry = AuditEntry.objects.get(act="application.change_owner")
    assert changed(entry) == {"owner": (str(alice.pk), str(charlie.pk))}


def test_what_was_made_is_told_with_what_it_was_made_as(client: Client, owner: User) -> None:
    client.force_login(owner)
    client.post("/backoffice/people/add/", {"name": "Zoe", "email": "zoe@acme.test"})
    entry = AuditEntry.objects.get(act="people.user.add")
    assert changed(entry)["email"] == ("", "zoe@acme.test")
    assert changed(entry)["password"] == ("", "")  # they choose one by their invitation


def test_a_form_with_a_mistake_leaves_no_entry(client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    client.post(f"/backoffice/white-labels/{acme.pk}/change/", {"name": ""})
    assert {entry.act for entry in AuditEntry.objects.all()} <= {"sign_in", "access.refused"}
    assert all(entry.changes == [] for entry in AuditEntry.objects.all())


def test_what_a_white_labels_admin_does_is_there_too(client: Client, alice: User, acme: WhiteLabel) -> None:
    domain = make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)
    client.force_login(alice)
    client.post(f"/whitelabel/email/domains/{domain.pk}/withdraw/")
    entry = AuditEntry.objects.get(who=alice.email, act="domain.withdraw")
    assert changed(entry)["state"] == ("REQUESTED", "WITHDRAWN")


def test_a_secret_is_only_told_to_have_changed(acme: WhiteLabel) -> None:
    server = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, secret="one")
    before = snapshot(server)
    server.seal_secret("canary")
    (change,) = differences(before, snapshot(server))
    assert (change["before"], change["after"]) == ("[secret]", "[secret]")


def test_what_is_refused_is_counted_alone_and_what_only_looks_leaves_no_entry(
    client: Client, alice: User, owner: User, acme: WhiteLabel
) -> None:
    client.force_login(alice)
    client.get("/whitelabel/email/")
    client.post("/whitelabel/deliveries/4711/cancel/")
    client.post("/backoffice/settings/communication/", {"custom_smtp": "on"})
    assert {entry.act for entry in AuditEntry.objects.all()} <= {"sign_in", "access.refused"}
    assert all(entry.changes == [] for entry in AuditEntry.objects.all())


def test_sign_ins_and_failed_ones_are_there(client: Client, owner: User) -> None:
    client.post("/accounts/login/", {"login": owner.email, "password": "wrong"})
    client.post("/accounts/login/", {"login": "my password by mistake", "password": "x"})
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    entries = AuditEntry.objects.order_by("id").values_list("act", "who")
    assert ("sign_in.fail", owner.email) in entries
    assert ("sign_in", owner.email) in entries
    assert "mistake" not in str(list(AuditEntry.objects.values()))


def test_who_fails_again_and_again_is_recorded_less_and_less_often(rf: RequestFactory, owner: User) -> None:
    for _ in range(9):
        user_login_failed.send("test", credentials={"email": owner.email}, request=rf.post("/accounts/login/"))
    failed = AuditEntry.objects.filter(act="sign_in.fail", who=owner.email).order_by("pk")
    assert [entry.detail and entry.detail.count for entry in failed] == [None, 2, 4, 8]


def test_a_wrong_code_of_the_second_factor_is_there(client: Client, owner: User) -> None:
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    entry = AuditEntry.objects.get(act="factor.fail")
    assert (entry.who, entry.address) == (owner.email, "127.0.0.1")


def test_a_request_is_marked_with_the_console_whose_page_it_asks_for(client: Client, owner: User) -> None:
    client.force_login(owner)
    addresses = ("/accounts/2fa/", "/backoffice/", "/backoffice/people/", "/backoffice/settings/communication/")
    consoles = [vars(client.get(address).wsgi_request)["console"] for address in addresses]
    assert [console and console.name for console in consoles] == [None, "owner", "owner", "owner"]


def test_the_owner_reads_it_and_nobody_else(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    AuditEntry.objects.create(
        act="communication.save",
        who=owner.email,
        changes=[{"thing": "x", "field": "host", "before": "<b>old</b>", "after": "new"}],
    )
    client.force_login(owner)
    html = client.get("/backoffice/audit/").content.decode()
    assert "&lt;b&gt;old&lt;/b&gt; → new" in html
    client.force_login(alice)
    assert client.get("/backoffice/audit/").status_code in (302, 403)


@pytest.mark.usefixtures("worker_at_once")
def test_what_a_worker_stores_after_a_check_is_told_with_who_began_it(
    owner: User, smtp_server: LoopbackSmtpServer
) -> None:
    switch_on_platform_smtp(make_server(secret="secret", **smtp_server.fields))
    scope = load_scope("platform")
    assert scope
    candidate = scope.candidate()
    candidate.sender_name = "Changed"
    check_and_store(scope=scope, candidate=candidate, secret="secret", switched_on=True, person=owner)
    entry = AuditEntry.objects.get(act="smtp_server.store")
    assert (entry.who, changed(entry)) == (owner.email, {"sender_name": ("Sender", "Changed")})


@pytest.mark.usefixtures("worker_at_once")
def test_the_log_is_locked_only_once_the_mail_of_a_stored_server_is_released(
    owner: User, smtp_server: LoopbackSmtpServer
) -> None:
    switch_on_platform_smtp(make_server(secret="secret", **smtp_server.fields))
    scope = load_scope("platform")
    assert scope
    with CaptureQueriesContext(connection) as captured:
        check_and_store(scope=scope, candidate=scope.candidate(), secret="secret", switched_on=True, person=owner)
    statements = [query["sql"] for query in captured.captured_queries]
    released = max(place for place, sql in enumerate(statements) if "delivery_delivery" in sql)
    locked = min(place for place, sql in enumerate(statements) if "people_audithead" in sql)
    assert released < locked
