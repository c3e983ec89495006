"""Commands that change who may come in leave an entry in the audit log."""

import getpass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from people.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def changed(entry: AuditEntry) -> dict[str, tuple[str, str]]:
    return {change["field"]: (change["before"], change["after"]) for change in entry.changes}


def test_a_platform_owner_who_is_made_at_the_command_line_is_recorded(owner: User) -> None:
    call_command("createsuperuser", "--no-input", "--email", "olivia@platform.test", stdout=StringIO())
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.who, entry.person) == ("owner.create", "manage.py createsuperuser", None)
    assert changed(entry)["email"] == ("", "olivia@platform.test")


def test_a_password_that_is_changed_at_the_command_line_is_recorded(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "another correct horse")
    call_command("changepassword", alice.email, stdout=StringIO())
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.who) == ("password.change", "manage.py changepassword")
    assert changed(entry) == {"password": ("[secret]", "[secret]")}


def test_a_command_that_changed_nothing_leaves_no_entry(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("changepassword", "nobody@acme.test", stdout=StringIO())
    assert not AuditEntry.objects.exists()
