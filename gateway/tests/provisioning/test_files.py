"""A file is uploaded, shown, agreed to and applied: that which was shown, or nothing."""

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError

from gateway.choices import FileState, Kind
from gateway.models import ListFile
from gateway.models.list_file import TRIES
from gateway.provisioning import acts, files
from gateway.tasks import apply_list, apply_waiting_lists, forget_list_files
from people.models import AuditEntry, User
from testing.factories import make_owner
from whitelabel.models import Application

pytestmark = pytest.mark.django_db
PEOPLE = b"ref,email,name\nu-1,dana@shop.test,Dana\nu-2,rita@shop.test,Rita\n"


def _uploaded(owner: User, content: bytes = PEOPLE) -> ListFile:
    return files.upload(Kind.PEOPLE, "people.csv", content, owner)


def _agreed(owner: User) -> ListFile:
    file = _uploaded(owner)
    assert file.agree(owner)
    return file


def test_a_file_is_shown_before_anything_changes(owner: User) -> None:
    file = _uploaded(owner)
    assert file.summary["created"] == [["u-1", "Dana"], ["u-2", "Rita"]]
    assert (file.may_be_applied, User.objects.count()) == (True, 1)


def test_what_was_agreed_to_is_applied_once_by_whoever_agreed(owner: User) -> None:
    file = _agreed(owner)
    for _ in range(2):
        apply_list(file.pk)
    file.refresh_from_db()
    assert (file.state, bytes(file.content), file.summary["created_count"]) == (FileState.DONE, b"", 2)
    assert User.objects.filter(ref="u-1").exists()
    assert [entry.person for entry in AuditEntry.objects.filter(act="people.user.add")] == [owner]


def test_another_owner_who_agrees_answers_for_it(owner: User) -> None:
    file, other = _uploaded(owner), make_owner("other@platform.test")
    assert file.agree(other)
    apply_list(file.pk)
    assert [entry.person for entry in AuditEntry.objects.filter(act="people.user.add")] == [other]


def test_what_somebody_agreed_to_who_was_shut_out_since_is_not_applied(owner: User) -> None:
    file, other = _uploaded(owner), make_owner("other@platform.test")
    assert file.agree(other)
    User.objects.filter(pk=other.pk).update(is_active=False)
    apply_list(file.pk)
    file.refresh_from_db()
    assert (file.state, User.objects.filter(ref="u-1").exists()) == (FileState.READ, False)


def test_a_file_that_was_applied_meanwhile_is_neither_looked_at_anew_nor_discarded(owner: User) -> None:
    file = _uploaded(owner)
    before = ListFile.objects.get(pk=file.pk)
    assert file.agree(owner)
    apply_list(file.pk)
    files.look(before)
    assert not before.discard()
    file.refresh_from_db()
    assert (file.state, bytes(file.content)) == (FileState.DONE, b"")


def test_what_is_shown_of_a_file_is_bounded(owner: User) -> None:
    file = _uploaded(owner, b"ref,email\n" + b"x" * 100_000 + b",dana@shop.test\n")
    assert len(str(file.summary)) < 1_000


def test_what_nobody_agreed_to_is_not_applied(owner: User) -> None:
    apply_list(_uploaded(owner).pk)
    assert not User.objects.filter(ref="u-1").exists()


def test_a_file_with_something_wrong_cannot_be_applied(owner: User) -> None:
    file = _uploaded(owner, PEOPLE + b"u-3,nobody,x\n")
    assert file.summary["problems"] == [[4, "u-3", "email", "Enter a valid email address."]]
    assert not file.may_be_applied


def test_a_row_that_was_made_meanwhile_is_shown_before_it_is_changed(owner: User) -> None:
    file = _agreed(owner)
    dana = User.objects.create_user("dana@shop.test", name="Another Dana")
    apply_list(file.pk)
    dana.refresh_from_db()
    file.refresh_from_db()
    assert (dana.ref, dana.name, User.objects.filter(ref="u-2").exists()) == (None, "Another Dana", False)
    assert (file.state, file.summary["changed"]) == (
        FileState.READ,
        [["u-1", "Dana", [["name", "Another Dana", "Dana"], ["ref", "", "u-1"]]]],
    )
    assert "Something has changed" in file.note


def test_what_has_become_wrong_meanwhile_is_shown_and_not_applied(owner: User) -> None:
    file = _agreed(owner)
    User.objects.create_user("dana@shop.test", ref="u-9")
    apply_list(file.pk)
    file.refresh_from_db()
    assert (file.state, file.summary["problem_count"]) == (FileState.READ, 1)
    assert not User.objects.filter(ref="u-2").exists()


def test_only_what_was_seen_can_be_agreed_to(owner: User) -> None:
    file = _uploaded(owner)
    User.objects.create_user("dana@shop.test")
    files.look(ListFile.objects.get(pk=file.pk))
    assert not file.agree(owner)


def test_a_file_that_no_worker_took_is_found_by_the_sweep(owner: User) -> None:
    file = _agreed(owner)
    apply_waiting_lists()
    file.refresh_from_db()
    assert file.state == FileState.DONE


def test_a_file_that_a_worker_is_at_is_left_to_it(owner: User) -> None:
    file = _agreed(owner)
    cache.set(f"provisioning:progress:{file.pk}", (0, 0), 60)
    apply_waiting_lists()
    file.refresh_from_db()
    assert file.state == FileState.WAITING
    cache.delete(f"provisioning:progress:{file.pk}")


def test_a_file_that_fails_again_and_again_is_given_up_with_nothing_changed(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = _agreed(owner)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(acts, "synchronize", away)
        for _ in range(TRIES + 1):
            apply_waiting_lists()
    assert caplog.text.count("OperationalError: the disk is full") == TRIES
    file.refresh_from_db()
    assert (file.has_failed, User.objects.filter(ref="u-1").exists()) == (True, False)
    assert file.retry(owner)
    apply_waiting_lists()
    assert User.objects.filter(ref="u-1").exists()


def test_files_are_forgotten_after_a_month(owner: User) -> None:
    _uploaded(owner)
    with time_machine.travel("2027-06-01T00:00:00Z"):
        forget_list_files()
    assert not ListFile.objects.exists()


def test_another_owner_is_shown_by_name(owner: User, shop: Application) -> None:
    file = files.upload(Kind.APPLICATIONS, "a.csv", b"ref,owner,white_label\na-shop,u-bob,\n", owner)
    change = [["owner", "alice@acme.test", "bob@acme.test"], ["white_label", "Acme", ""]]
    assert file.summary["changed"] == [["a-shop", "", change]]
