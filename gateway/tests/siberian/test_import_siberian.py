"""`manage.py import_siberian` says what it would do, does it, tells what it leaves out, and does nothing twice."""

import json
import logging
from collections.abc import Callable, Iterable
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gateway.provisioning.acts import archive
from gateway.provisioning.items import Author, Kind
from gateway.siberian import items, servers
from gateway.siberian.importing import NOT_AN_ADMIN, NOT_THEIRS, OTHER_ADMINS, OTHER_SUPPORT
from people.models import AuditEntry, User
from smtp_settings.choices import State
from smtp_settings.models import Communication, SmtpServer
from testing import factories
from whitelabel.models import Application, WhiteLabel
from whitelabel.routing import route_for

PRINTED = Path(__file__).with_name("export.jsonl")
SECRETS = ("p\"a\\s's wörd{}€", "wörd", 'sec"ret\\1', "globex-secret", "evil-secret", "initech", "app-secret")
ALICE = {"kind": "person", "admin_id": 1, "email": "alice@acme.test", "firstname": "Alice"}
CAROL = {"kind": "person", "admin_id": 3, "parent_id": 1, "email": "carol@acme.test"}
SMTP = {
    "server": "smtp.acme.test",
    "port": "587",
    "ssl": "tls",
    "auth": "login",
    "username": "acme",
    "password": "acme-secret",
    "sender_email": "mail@acme.test",
}
ACME = {"kind": "white_label", "admin_id": 1, "name": "Acme", "is_active": 1, "smtp_credentials": json.dumps(SMTP)}
SHOP = {"kind": "application", "app_id": 7, "admin_id": 1, "name": "Shop", "is_active": 1}
PLATFORM = {
    "kind": "platform",
    "enable_custom_smtp": "1",
    "support_name": "Support",
    "support_email": "support@platform.test",
    **{name: value for name, value in SMTP.items() if name != "sender_email"},
}

Run = Callable[..., str]


@pytest.fixture
def run(db: None, tmp_path: Path) -> Run:
    """Run the command on lines, or on a file; return what it says."""

    def run(*lines: dict[str, Any] | Path, apply: bool = True) -> str:
        path = tmp_path / "siberian.jsonl"
        if lines and isinstance(lines[0], Path):
            path = lines[0]
        else:
            path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        said = StringIO()
        call_command("import_siberian", str(path), apply=apply, stdout=said, stderr=said)
        return said.getvalue()

    return run


def rows() -> list[Any]:
    """Return everything that the import may touch."""
    tables = (User, WhiteLabel, Application, SmtpServer, Communication, AuditEntry, WhiteLabel.admins.through)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def told(said: str, number: int) -> list[str]:
    """Return what is said of a line of the file."""
    lines = (line.strip() for line in said.splitlines())
    return [line for line in lines if line.startswith((f"line {number},", f"line {number}:"))]


def test_without_apply_nothing_is_written(run: Run) -> None:
    before = rows()
    said = run(PRINTED, apply=False)
    assert said.startswith("Nothing was written.")
    assert "People: 6 new, 0 changed, 0 unchanged" in said
    assert rows() == before


def test_what_is_done_is_what_was_said_before(run: Run) -> None:
    said = run(PRINTED, apply=False).splitlines()
    assert run(PRINTED).splitlines()[1:] == said[1:]


def test_people_white_labels_and_applications_are_as_in_siberian(run: Run) -> None:
    run(PRINTED)
    acme = WhiteLabel.objects.get(ref="1")
    assert (acme.name, [str(admin) for admin in acme.admins.all()]) == ("Acme 🚀", ["alice@acme.example"])
    assert User.objects.get(ref="1").name == "Alice Müller"
    assert User.objects.get(ref="2").name == 'Bob "Bobby" O\'Neil\\'
    shop, loyalty, zero = (Application.objects.get(ref=ref) for ref in ("1", "2", "4"))
    assert (shop.name, str(shop.owner), shop.white_label) == ("Acme Shop", "alice@acme.example", acme)
    assert (loyalty.name, str(loyalty.owner), loyalty.white_label) == (
        "Acme Loyalty 日本語 😀",
        "carol@acme.example",
        acme,
    )
    assert (zero.name, zero.white_label) == ("Zero tab del", None)


def test_nobody_can_sign_in_with_what_came_from_siberian(run: Run) -> None:
    run(PRINTED)
    assert not any(person.has_usable_password() for person in User.objects.all())
    assert not User.objects.filter(is_superuser=True).exists()


def test_everything_that_is_left_out_is_told_with_its_line_and_reason(run: Run) -> None:
    said = run(PRINTED)
    assert "Not carried over (11):" in said
    for number, words in {
        5: "admin 4: its e-mail address is that of admin 1 too",
        6: "admin 5: email: Enter a valid email address.",
        11: "white-label of admin 2: its SMTP server, host: Type the host name",
        12: "white-label of admin 6: it is switched off",
        13: f"white-label of admin 7: {servers.UNREADABLE}",
        14: "white-label of admin 8: its SMTP server, password: This contains a line break",
        15: "white-label of admin 99: admins: There is no person with the reference “99”.",
        20: "application 5: owner: There is no person with the reference “99”.",
        21: "application 6: owner: There is no person with the reference “4”.",
        22: "application 7: name: This field is required.",
        23: "application 8: it is switched off",
    }.items():
        assert told(said, number)[0].startswith(f"line {number}, {words}")


@pytest.mark.parametrize("address", ["a\0@acme.test", "\x1b[2J@acme.test", "alice@acme.test\n, b@x.test", "", None])
def test_an_address_that_is_none_is_left_out(run: Run, address: str | None) -> None:
    said = run(ALICE | {"email": address}, CAROL)
    assert told(said, 1)[0].startswith("line 1, admin 1: email: ")
    assert (address or "none") not in said
    assert str(User.objects.get()) == "carol@acme.test"


def test_what_a_person_should_look_at_is_told(run: Run) -> None:
    said = run(PRINTED)
    assert told(said, 7) == [f"line 7, admin 6: {items.PLAIN_NAME}"]
    assert told(said, 16) == [f"line 16, application 1: {items.MORE_ADMINS.format(1)}"]
    assert told(said, 17) == [f"line 17, application 2: {NOT_AN_ADMIN}"]
    assert told(said, 18) == [f"line 18, application 3: {items.OWN_SMTP}"]


def test_servers_are_drafts_that_no_mail_leaves_through(run: Run) -> None:
    run(PRINTED)
    stored = Communication.current()
    assert stored.server is not None
    assert (stored.custom_smtp, stored.server.state) == (False, State.DRAFT)
    assert stored.server.sender_mailbox == ('Builder "Support" \\ Café', "support@builder.example")
    assert (stored.support_name, stored.support_address) == stored.server.sender_mailbox
    acme = WhiteLabel.objects.get(ref="1")
    assert acme.server is not None
    assert (acme.mail_option, acme.server.state) == (WhiteLabel.MailOption.PLATFORM, State.DRAFT)
    assert route_for(Application.objects.get(ref="1")).server == SmtpServer.default()


def test_secrets_are_sealed_and_open_for_their_server_alone(run: Run) -> None:
    run(PRINTED)
    acme = WhiteLabel.objects.get(ref="1").server
    platform = Communication.current().server
    assert platform is not None
    assert acme is not None
    assert (platform.open_secret(), acme.open_secret()) == (SECRETS[0], 'sec"ret\\1')


def test_no_secret_comes_anywhere_but_into_sealed_storage(
    run: Run, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = run(PRINTED, apply=False) + run(PRINTED) + run(PRINTED)
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        dump = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            dump.append(repr(cursor.fetchall()))
    everywhere = [said, caplog.text, "".join(capfd.readouterr()), *dump]
    for secret in SECRETS:
        if secret != "initech":  # also a host name
            assert not [text for text in everywhere if secret in text or repr(secret)[1:-1] in text]


def test_a_second_time_nothing_is_changed(run: Run) -> None:
    run(PRINTED)
    before = rows()
    said = run(PRINTED)
    assert rows() == before
    assert "People: 0 new, 0 changed, 6 unchanged" in said
    assert "Applications: 0 new, 0 changed, 5 unchanged" in said
    assert "SMTP servers: 0 new, 2 unchanged" in said


def test_a_checked_server_stays_in_use_when_the_import_runs_again(run: Run) -> None:
    run(ALICE, ACME, PLATFORM)
    acme = WhiteLabel.objects.get()
    SmtpServer.objects.update(state=State.VERIFIED)
    factories.give_own_smtp(acme, SmtpServer.objects.get(white_label=acme))
    before = rows()
    run(ALICE, ACME, PLATFORM)
    assert rows() == before


def test_a_server_that_was_typed_anew_here_is_not_overwritten(run: Run) -> None:
    run(ALICE, ACME)
    server = SmtpServer.objects.get()
    server.seal_secret("typed here")
    server.save()
    assert told(run(ALICE, ACME), 2) == [f"line 2, white-label of admin 1: {servers.ANOTHER_HERE}"]
    assert SmtpServer.objects.get().open_secret() == "typed here"


def test_a_server_that_cannot_be_carried_over_keeps_nothing_else_back(run: Run) -> None:
    said = run(ALICE, ACME | {"smtp_credentials": json.dumps(SMTP | {"port": "25"})}, SHOP)
    assert "port: Choose one of the ports" in told(said, 2)[0]
    assert Application.objects.get().white_label == WhiteLabel.objects.get()
    assert not SmtpServer.objects.exists()


def test_credentials_of_a_switch_that_is_off_are_carried_over_too(run: Run) -> None:
    run(ALICE, ACME | {"enable_custom_smtp": 0})
    assert SmtpServer.objects.get().open_secret() == "acme-secret"


def test_a_switch_that_is_on_without_a_server_is_told(run: Run) -> None:
    said = run(ALICE, ACME | {"enable_custom_smtp": 1, "smtp_credentials": "[]"})
    assert "its SMTP server, host: Type the host name" in told(said, 2)[0]


def test_a_white_label_without_smtp_of_its_own_is_no_matter(run: Run) -> None:
    assert told(run(ALICE, ACME | {"smtp_credentials": None}), 2) == []


def test_a_white_label_without_a_name_is_called_by_its_host(run: Run) -> None:
    run(ALICE, ACME | {"name": " ", "host": "apps.acme.test"})
    assert WhiteLabel.objects.get().name == "apps.acme.test"


def test_what_changed_in_siberian_is_changed_and_told(run: Run) -> None:
    run(ALICE, CAROL, SHOP)
    said = run(ALICE | {"firstname": "Alicia"}, CAROL, SHOP | {"admin_id": 3})
    assert "Changed, admin 1: name" in said
    assert "Changed, application 7: owner" in said
    assert str(Application.objects.get().owner) == "carol@acme.test"


def test_admins_that_were_added_here_stay(run: Run, bob: User) -> None:
    run(ALICE, CAROL, ACME)
    admins = {bob, *User.objects.filter(ref__in=["1", "3"])}
    WhiteLabel.objects.get().admins.set(admins)
    assert told(run(ALICE, CAROL, ACME), 3) == []
    assert set(WhiteLabel.objects.get().admins.all()) == admins


def test_a_white_label_of_others_by_the_same_name_is_told_and_gets_no_server(run: Run, bob: User) -> None:
    factories.make_white_label("Acme", bob)
    said = told(run(ALICE, ACME), 2)
    assert said == [f"line 2, white-label of admin 1: {text}" for text in (NOT_THEIRS, OTHER_ADMINS)]
    assert [str(admin) for admin in WhiteLabel.objects.get(ref="1").admins.all()] == ["bob@acme.test"]
    assert not SmtpServer.objects.exists()


def test_what_was_archived_here_stays_archived(run: Run) -> None:
    run(ALICE, SHOP)
    archive(Kind.APPLICATIONS, "7", Author(who="test"))
    assert told(run(ALICE, SHOP), 2) == [f"line 2, application 7: {items.ARCHIVED}"]
    assert Application.objects.get().is_archived


def test_somebody_who_is_here_already_is_the_same_person(run: Run, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(name="Olivia")
    run(ALICE | {"email": "Owner@Platform.test", "firstname": None}, SHOP)
    owner.refresh_from_db()
    assert (owner.ref, owner.name, owner.is_superuser) == ("1", "Olivia", True)
    assert Application.objects.get().owner == owner


def test_a_support_that_is_said_here_already_stays(run: Run) -> None:
    Communication(support_name="Ours", support_address="ours@platform.test", pk=1).save()
    assert told(run(PLATFORM), 1) == [f"line 1, the platform: {OTHER_SUPPORT}"]
    assert Communication.current().support_name == "Ours"


def test_an_owner_who_became_an_admin_here_is_no_longer_told(run: Run) -> None:
    lines = (ALICE, CAROL, ACME, SHOP | {"admin_id": 3})
    assert told(run(*lines), 4) == [f"line 4, application 7: {NOT_AN_ADMIN}"]
    WhiteLabel.objects.get().admins.add(User.objects.get(ref="3"))
    assert told(run(*lines), 4) == []


def test_an_application_of_a_white_label_that_is_left_out_is_not_given_to_the_platform(run: Run) -> None:
    said = run(ALICE, ACME | {"name": None, "host": None}, SHOP)
    assert told(said, 3) == ["line 3, application 7: white label: There is no white-label with the reference “1”."]
    assert not Application.objects.exists()


def test_the_audit_log_says_what_was_done_and_by_which_command(run: Run) -> None:
    run(ALICE, ACME, PLATFORM)
    entries = AuditEntry.objects.order_by("pk")
    assert {entry.who for entry in entries} == {"manage.py import_siberian"}
    assert sorted(entry.act for entry in entries) == [
        "communication.import",
        "people.user.add",
        "smtp_server.import",
        "smtp_server.import",
        "whitelabel.whitelabel.add",
    ]
    sealed = [change for entry in entries for change in entry.changes if change["field"] == "sealed_secret"]
    assert [change["after"] for change in sealed] == ["[secret]", "[secret]"]


def test_lines_that_cannot_be_read_are_told_beside_the_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(f"{json.dumps(ALICE)}\n".encode() + b'{"kind": "person", "email": "acme-secret\xff\n')
    said = run(path)
    assert "People: 1 new" in said
    assert told(said, 2)[0].startswith("line 2: it is not UTF-8")
    assert "acme-secret" not in said


def test_standard_input_is_read_where_no_file_should_be(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(json.dumps(ALICE).encode())))
    call_command("import_siberian", "-", apply=True, stdout=StringIO())
    assert User.objects.get().ref == "1"


def refusal(name: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("import_siberian", name, stdout=StringIO())
    return str(refused.value)


def test_a_file_that_is_not_there_is_said_plainly(db: None, tmp_path: Path) -> None:
    assert "No such file" in refusal(str(tmp_path / "absent.jsonl"))
    assert "directory" in refusal(str(tmp_path))


def test_a_file_in_utf_16_is_refused(db: None, tmp_path: Path) -> None:
    path = tmp_path / "powershell.jsonl"
    path.write_text(json.dumps(ALICE), encoding="utf-16")
    assert "UTF-16" in refusal(str(path))


@pytest.mark.parametrize("lines", [[], [ALICE, ALICE], [SHOP]])
def test_any_selection_of_lines_is_taken(run: Run, lines: Iterable[dict[str, Any]]) -> None:
    assert run(*lines).startswith("Done.")
