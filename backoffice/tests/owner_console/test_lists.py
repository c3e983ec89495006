"""Import: upload a list, look at it, apply it; only a platform owner gets there."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gateway.models import ListFile
from gateway.models.list_file import TRIES
from gateway.tasks import apply_list
from people.models import AuditEntry, User

PAGE = "/backoffice/import/"
CONTENT = b"ref,email,name\nu-1,dana@shop.test,<b>Dana</b>\n"


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def _upload(client: Client, content: bytes = CONTENT, kind: str = "people") -> ListFile:
    answer = client.post(PAGE, {"kind": kind, "file": SimpleUploadedFile("people.csv", content)})
    assert answer.status_code == 302, answer.content
    return ListFile.objects.latest("pk")


def test_only_owners_import(alice: User, charlie: User, owners_client: Client) -> None:
    file = _upload(owners_client)
    for person in (alice, charlie):
        client = Client()
        client.force_login(person)
        for path in (PAGE, f"{PAGE}{file.pk}/", f"{PAGE}{file.pk}/apply/", f"{PAGE}{file.pk}/discard/"):
            assert client.get(path).status_code == client.post(path).status_code == 403
    file.refresh_from_db()
    assert file.state == "READ"


def test_a_list_is_seen_then_applied(owners_client: Client) -> None:
    file = _upload(owners_client)
    page = owners_client.get(f"{PAGE}{file.pk}/").content.decode()
    assert "&lt;b&gt;Dana&lt;/b&gt;" in page
    assert "Nothing has been changed yet" in page
    owners_client.post(f"{PAGE}{file.pk}/apply/", {"seen": file.seen})
    waiting = owners_client.get(f"{PAGE}{file.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in waiting
    apply_list(file.pk)
    done = owners_client.get(f"{PAGE}{file.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in done
    assert "Applied" in done
    assert User.objects.filter(ref="u-1").exists()
    assert {"list.upload", "list.apply", "people.user.add"} <= {entry.act for entry in AuditEntry.objects.all()}


def test_the_last_try_of_a_list_has_not_failed_while_it_lasts(owners_client: Client, owner: User) -> None:
    file = _upload(owners_client)
    assert file.agree(owner)
    ListFile.objects.update(tries=TRIES)
    address = f"{PAGE}{file.pk}/"
    assert "Try again" in owners_client.get(address).content.decode()
    cache.set(f"provisioning:progress:{file.pk}", (500, 1000), 60)
    page = owners_client.get(address).content.decode()
    cache.delete(f"provisioning:progress:{file.pk}")
    assert "500 of 1,000 rows" in page
    assert "Try again" not in page


def test_what_was_not_seen_is_not_applied(owners_client: Client) -> None:
    file = _upload(owners_client)
    owners_client.post(f"{PAGE}{file.pk}/apply/", {"seen": "another"})
    file.refresh_from_db()
    assert file.state == "READ"


def test_errors_are_shown_by_line_and_stand_against_applying(owners_client: Client) -> None:
    file = _upload(owners_client, CONTENT + b"u-2,nobody,Rita\n")
    page = owners_client.get(f"{PAGE}{file.pk}/").content.decode()
    assert "Line 3" in page
    assert "/apply/" not in page
    owners_client.post(f"{PAGE}{file.pk}/apply/", {"seen": file.seen})
    file.refresh_from_db()
    assert file.state == "READ"


@pytest.mark.parametrize(
    ("kind", "content"), [("people", b"\xff\xfe"), ("people", b""), ("applications", CONTENT), ("nothing", CONTENT)]
)
def test_a_file_that_cannot_be_read_is_refused_at_the_form(kind: str, content: bytes, owners_client: Client) -> None:
    answer = owners_client.post(PAGE, {"kind": kind, "file": SimpleUploadedFile("people.csv", content)})
    assert answer.status_code == 422
    assert not ListFile.objects.exists()


def test_a_list_is_discarded(owners_client: Client) -> None:
    file = _upload(owners_client)
    owners_client.post(f"{PAGE}{file.pk}/discard/")
    assert not ListFile.objects.exists()


def test_pages_of_lists_that_are_not_there_are_not_found(owners_client: Client) -> None:
    assert owners_client.get(f"{PAGE}99/").status_code == 404
    assert owners_client.post(f"{PAGE}99/apply/").status_code == 404


def test_a_reference_is_given_by_hand_and_its_rules_hold(owners_client: Client, alice: User, bob: User) -> None:
    address = f"/backoffice/people/{alice.pk}/change/"
    typed = {"email": alice.email, "name": "", "is_active": "on"}
    assert owners_client.post(address, typed | {"ref": "a/b"}).status_code == 422
    assert owners_client.post(address, typed | {"ref": "u-1"}).status_code == 302
    other = {"email": bob.email, "name": "", "is_active": "on", "ref": "u-1"}
    assert owners_client.post(f"/backoffice/people/{bob.pk}/change/", other).status_code == 422
    assert [person.ref for person in User.objects.filter(pk__in=[alice.pk, bob.pk]).order_by("pk")] == ["u-1", None]
    assert owners_client.post(address, typed | {"ref": ""}).status_code == 302
    alice.refresh_from_db()
    assert alice.ref is None
