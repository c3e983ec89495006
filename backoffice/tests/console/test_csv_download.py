"""Every list of both consoles is downloaded as CSV: all of it, as it is filtered, by who may see it, and bounded."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.paginator import Page
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from backoffice.console import csv_download
from backoffice.console.admin import ListAdmin
from backoffice.owner_console.site import owner_console
from backoffice.whitelabel_console.site import whitelabel_console
from delivery.api import send
from messages.models import Mailbox
from people.models import AuditEntry, User
from people.roles import Role
from testing import factories
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant
from testing.walls.visitors import Visitor
from whitelabel.correspondence import write
from whitelabel.models import Application, RecordSet, WhiteLabel

pytestmark = pytest.mark.django_db
CONSOLES = {"owner": owner_console, "whitelabel": whitelabel_console}
FORMULA = "=HYPERLINK(A1)"


def lists() -> Iterator[tuple[str, ListAdmin]]:
    for name, console in CONSOLES.items():
        for admin in console._registry.values():
            assert isinstance(admin, ListAdmin)
            yield name, admin


LISTS = {f"{name}: {admin.opts.label}": (name, admin) for name, admin in lists()}


def address_of(name: str, admin: ListAdmin, page: str = "csv") -> str:
    return reverse(f"{name}:{admin.opts.app_label}_{admin.opts.model_name}_{page}")


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.post(address)
    assert (answer.status_code, answer.streaming) == (200, True)
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))


@pytest.fixture
def alices(db: None) -> Tenant:
    return Tenant.furnish("qzacme", 900_177)


@pytest.mark.parametrize("of", LISTS)
def test_every_list_has_a_button_and_its_file_has_every_row(of: str, client: Client, alices: Tenant) -> None:
    name, admin = LISTS[of]
    reader = alices.person
    if name == "owner":
        reader = factories.make_owner()
    client.force_login(reader)
    if admin.opts.model_name == "recordset":
        admin.model.objects.create(name="qzacme set")
    page = client.get(address_of(name, admin, "changelist")).content.decode()
    assert re.search(rf'action="{address_of(name, admin)}"', page)
    found = rows_of(client, address_of(name, admin))
    assert "qzacme" in str(found).lower()
    assert found[0].keys() == admin.csv_columns.keys()
    assert len(found) == admin.model._default_manager.count()
    assert not any("None" in row.values() or "<" in "".join(row.values()) for row in found)


@pytest.mark.parametrize("of", LISTS)
def test_nobody_downloads_what_they_may_not_see(of: str, client: Client, alices: Tenant, charlie: User) -> None:
    name, admin = LISTS[of]
    address = address_of(name, admin)
    assert client.post(address).status_code == 302
    client.force_login(charlie)
    assert client.post(address).status_code == 403
    client.force_login(factories.make_support())
    may = name == "owner" and admin.rights["view"].name in ("SEE", "SEE_AUDIT_LOG")
    assert client.post(address).status_code == (200 if may else 403)
    assert client.get(address).status_code == (405 if name == "owner" else 403)


def test_the_file_has_what_the_filters_and_the_search_leave(
    client: Client, owner: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    for white_label in (acme, globex):
        factories.make_application(owner, white_label, f"Shop of {white_label}")
    client.force_login(owner)
    (row,) = rows_of(client, f"/backoffice/applications/csv/?white_label__id__exact={globex.pk}")
    assert (row["Name"], row["White-label"], row["Owner"]) == ("Shop of Globex", "Globex", owner.email)
    assert [row["Name"] for row in rows_of(client, "/backoffice/applications/csv/?q=acme")] == ["Shop of Acme"]
    assert client.post("/backoffice/applications/csv/?owner__password=x").status_code == 400


@pytest.mark.parametrize("query", ["?status__exact=QUEUED", "?q=dana%40users", "?q=points", ""])
def test_the_log_is_filtered_and_searched_as_its_page_is(query: str, client: Client, owner: User) -> None:
    application = factories.make_application(owner)
    send(application, to="dana@users.test", subject="Points", text="x")
    failed = send(application, to="eve@users.test", subject="Bill", text="x").deliveries.get()
    failed.status, failed.finished_at, failed.due_at = "FAILED", failed.accepted_at, None
    failed.save()
    client.force_login(owner)
    found = [row["Recipient"] for row in rows_of(client, f"/backoffice/deliveries/csv/{query}")]
    assert found == (["dana@users.test"] if query else ["eve@users.test", "dana@users.test"])


@pytest.mark.parametrize("page", ["applications", "deliveries"])
def test_rows_are_read_in_chunks_each_once(
    page: str, client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_download, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr("backoffice.shared_pages.delivery_log.ROWS_AT_ONCE", 3)
    applications = [factories.make_application(owner, name=f"Shop {number}") for number in range(7)]
    for application in applications:
        send(application, to="dana@users.test", subject=application.name, text="x")
    client.force_login(owner)
    answer = client.post(f"/backoffice/{page}/csv/")
    assert len(list(answer.streaming_content)) == 4  # type: ignore[attr-defined]
    found = rows_of(client, f"/backoffice/{page}/csv/")
    assert len({row["Id"] for row in found}) == len(found) == 7


@pytest.mark.parametrize("of", LISTS)
def test_a_row_more_costs_no_query_more(of: str, client: Client, alices: Tenant) -> None:
    name, admin = LISTS[of]
    client.force_login(factories.make_owner() if name == "owner" else alices.person)
    few = _queries(client, address_of(name, admin))
    Tenant.furnish("qzglobex", 700_233)
    for number in range(3):
        factories.make_key(alices.row_of(Application), alices.person, name=f"key {number}")
        send(alices.row_of(Application), to="dana@users.test", subject="Points", text="x")
    assert _queries(client, address_of(name, admin)) <= few + 1  # the chunk after the last


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.post(address).getvalue()
    return len(asked)


@pytest.mark.parametrize("address", ["deliveries/csv/", "deliveries/csv/?q=points", "applications/csv/", "audit/csv/"])
def test_no_file_is_counted_before(address: str, client: Client, owner: User) -> None:
    send(factories.make_application(owner), to="dana@users.test", subject="Points", text="x")
    client.force_login(owner)
    with CaptureQueriesContext(connection) as asked:
        client.post(f"/backoffice/{address}").getvalue()
    assert not [each["sql"] for each in asked if "COUNT(*)" in each["sql"]]


def test_no_cell_is_a_formula(client: Client, owner: User) -> None:
    for text in (FORMULA, "+1", "@x", "-1", "\t=1"):
        Application.objects.create(name=text, owner=owner)
    client.force_login(owner)
    names = [row["Name"] for row in rows_of(client, "/backoffice/applications/csv/")]
    assert len(names) == 5
    assert all(name.startswith(("'", "\t'")) for name in names)


def test_a_download_is_in_the_audit_log_with_its_filters(client: Client, alice: User, acme: WhiteLabel) -> None:
    factories.make_application(alice, acme)
    client.force_login(alice)
    rows_of(client, "/whitelabel/applications/csv/?q=shop")
    entry = AuditEntry.objects.get(act="whitelabel.application.csv")
    assert (entry.who, entry.white_label_id, str(entry.detail)) == (alice.email, acme.pk, "With these filters: q=shop")
    assert "Download a list: applications" in client.get("/whitelabel/activity/").content.decode()


def test_who_downloads_again_and_again_waits(
    client: Client, owner: User, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_download, "MOST", 2)
    client.force_login(owner)
    answers = [client.post("/backoffice/applications/csv/").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert AuditEntry.objects.filter(act="whitelabel.application.csv").count() == 2


def test_who_only_looks_downloads_nothing(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    factories.make_application(alice, acme)
    client.force_login(owner)
    client.post(f"/backoffice/white-labels/{acme.pk}/look/")
    assert "csv/" not in client.get("/whitelabel/applications/").content.decode()
    assert client.post("/whitelabel/applications/csv/").status_code == 403


PAGES = {  # lists that are no admin's, and a column of theirs that is never empty
    "/backoffice/messages/": "Subject",
    "/whitelabel/messages/": "Subject",
    "/whitelabel/activity/": "Done",
    "/whitelabel/people/": "E-mail address",
}


@pytest.mark.parametrize("address", PAGES)
def test_the_list_of_a_page_has_a_button_and_its_file_has_every_row(
    address: str, client: Client, alices: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_download, "ROWS_AT_ONCE", 1)
    client.force_login(reader_of(address, alices))
    assert f'action="{address}csv/"' in client.get(address).content.decode()
    found = rows_of(client, f"{address}csv/")
    assert all(row[PAGES[address]] for row in found)
    assert "qzacme" in str(found).lower()
    assert not any("None" in row.values() for row in found)


@pytest.mark.parametrize("address", PAGES)
def test_nobody_downloads_the_list_of_a_page_that_they_may_not_see(
    address: str, client: Client, alices: Tenant, charlie: User, globex: WhiteLabel
) -> None:
    assert client.post(f"{address}csv/").status_code == 302
    client.force_login(charlie)
    answer = client.post(f"{address}csv/")
    assert answer.status_code == (403 if address.startswith("/backoffice/") else 200)
    assert "qzacme" not in answer.getvalue().decode().lower()
    client.force_login(reader_of(address, alices))
    assert client.get(f"{address}csv/").status_code == 405


def test_whoever_only_sees_a_white_label_downloads_no_list_of_its_people(
    client: Client, acme: WhiteLabel, bob: User
) -> None:
    acme.admins.remove(bob)
    acme.viewers.add(bob)
    client.force_login(bob)
    assert client.post("/whitelabel/people/csv/").status_code == 403
    assert client.post("/whitelabel/messages/csv/").status_code == 200


def test_the_file_of_the_inbox_has_what_its_tab_and_its_search_leave(
    client: Client, alice: User, acme: WhiteLabel
) -> None:
    platform = Mailbox.platform()
    for subject in ("Invoice", "Holiday"):
        thread = write(sender=platform, receiver=acme.mailbox, subject=subject, body="=1+1", author=None)
    thread.archive(acme.mailbox)
    client.force_login(alice)
    (row,) = rows_of(client, "/whitelabel/messages/csv/?q=invoice")
    assert (row["Subject"], row["Text"], row["Unread"]) == ("Invoice", "'=1+1", "yes")
    assert [row["Subject"] for row in rows_of(client, "/whitelabel/messages/csv/?tab=archived")] == ["Holiday"]


def test_the_file_of_people_has_the_suspended_and_the_invited(client: Client, alice: User, acme: WhiteLabel) -> None:
    vera, invited = factories.make_person("vera@acme.test"), factories.make_person("dora@acme.test")
    acme.suspensions.create(person=vera, role="VIEWER", by=alice)
    acme.invitations.create(person=invited, name="+Dora", email=invited.email, role="ADMIN", invited_by=alice)
    client.force_login(alice)
    found = {row["E-mail address"]: row for row in rows_of(client, "/whitelabel/people/csv/")}
    assert (found[vera.email]["Role"], found[vera.email]["Status"]) == ("Viewer", "Suspended")
    dora = found[invited.email]
    assert (dora["Name"], dora["Role"], dora["Status"], dora["Keys"]) == ("'+Dora", "Admin", "Invited", "")


def test_every_page_that_lists_rows_has_a_file_of_them(client: Client, alices: Tenant) -> None:
    """A list is what is shown page by page, whether the admin's or a page's own."""
    listed = set()
    RecordSet.objects.create(name="qzacme set")
    for role, console in ((Role.PLATFORM_OWNER, "/backoffice/"), (Role.ADMIN, "/whitelabel/")):
        client.force_login(reader_of(console, alices))
        for path in paths_of(console, Visitor.with_role(role)):
            answer = client.get(path)
            if answer.status_code == 200 and is_list(answer.context):
                listed.add(path)
                assert 'class="csv-download"' in answer.content.decode(), path
    assert listed >= {*PAGES} - {"/whitelabel/people/"}  # which has one page for all
    assert len(listed) >= len(LISTS) + len(PAGES) - 2


def paths_of(console: str, visitor: Visitor) -> Iterator[str]:
    for address in addresses(get_resolver().url_patterns):
        if str(address).startswith(console) and not address.ids and visitor.may_have(address, "GET"):
            yield from address.filled("1", own="1")


def is_list(context: Any) -> bool:
    return bool(context) and ("cl" in context or isinstance(context.get("page"), Page))


def reader_of(address: str, tenant: Tenant) -> User:
    return factories.make_owner() if address.startswith("/backoffice/") else tenant.person


def _suspended(person: User, white_label: WhiteLabel) -> None:
    white_label.admins.remove(person)


def _shut(person: User, white_label: WhiteLabel) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def _archived(person: User, white_label: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=white_label.pk).update(archived_at=timezone.now())


def _viewer_elsewhere(person: User, white_label: WhiteLabel) -> None:
    factories.make_white_label("Aardvark", person)
    white_label.admins.remove(person)


@pytest.mark.parametrize("out", [_suspended, _shut, _archived, _viewer_elsewhere])
@pytest.mark.parametrize("page", ["deliveries", "activity"])
def test_whoever_is_out_gets_no_further_chunk_of_a_file_that_is_open(
    page: str, out: Any, client: Client, alice: User, acme: WhiteLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_download, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr("backoffice.shared_pages.delivery_log.ROWS_AT_ONCE", 1)
    client.force_login(alice)
    for number in range(3):
        send(factories.make_application(alice, acme, f"Shop {number}"), to="dana@users.test", subject="x", text="x")
        client.post("/whitelabel/people/second-factor/", {})
    file = client.post(f"/whitelabel/{page}/csv/").streaming_content  # type: ignore[attr-defined]
    assert len([next(file), next(file)]) == 2  # the headings, and a row
    out(alice, acme)
    assert list(file) == []


def test_an_owner_who_is_none_any_more_gets_no_further_chunk(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_download, "ROWS_AT_ONCE", 1)
    for number in range(3):
        factories.make_application(owner, name=f"Shop {number}")
    client.force_login(owner)
    file = client.post("/backoffice/applications/csv/").streaming_content  # type: ignore[attr-defined]
    assert len([next(file), next(file)]) == 2
    User.objects.filter(pk=owner.pk).update(is_superuser=False, is_staff=False)
    assert list(file) == []
