"""PUT, PATCH, DELETE and GET of one row, by its reference."""

import threading
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from delivery import api
from delivery.models import Delivery
from gateway.choices import Fault, Maker, State
from gateway.models import Key
from gateway.tests.http.conftest import Caller, message
from messages.models import Message
from people.models import AuditEntry, User
from testing.factories import make_application, make_key, make_key_and_secret
from whitelabel.models import Application, Invitation, Suspension, WhiteLabel
from whitelabel.routing import route_for

pytestmark = pytest.mark.django_db
PATHS = ["/people/u-1", "/white-labels/w-1", "/applications/a-1"]


def _refused(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    assert set(body) == {"statusCode", "name", "message"}
    return answer.status_code, body["name"], body["message"]


def test_a_platform_brings_its_first_application(platform: Caller) -> None:
    assert platform("PUT", "/people/u-1", {"email": "Dana@shop.test", "name": " Dana "}).status_code == 200
    assert platform("PUT", "/white-labels/w-1", {"name": "Shops", "admins": ["u-1"]}).status_code == 200
    answer = platform("PUT", "/applications/a-1", {"name": "Shop", "owner": "u-1", "white_label": "w-1"}).json()
    assert (answer["owner"], answer["white_label"], answer["archived"]) == ("u-1", "w-1", False)
    dana = User.objects.get(ref="u-1")
    assert (dana.email, dana.name, dana.has_usable_password()) == ("dana@shop.test", "Dana", False)
    assert Application.objects.get().owner_is_admin()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/people/u-1", {"email": "dana@shop.test"}),
        ("/white-labels/w-1", {"name": "Shops", "admins": ["u-alice"], "console_host": "testserver"}),
        ("/applications/a-1", {"name": "Till", "owner": "u-alice", "white_label": "w-acme", "daily_limit": 5}),
    ],
)
def test_the_same_call_again_changes_nothing(
    path: str, body: dict[str, object], shop: Application, platform: Caller
) -> None:
    first = platform("PUT", path, body)
    entries = AuditEntry.objects.count()
    assert (first.status_code, platform("PUT", path, body).json()) == (200, first.json())
    assert AuditEntry.objects.count() == entries > 0


def test_what_is_left_out_stays_as_it_is(shop: Application, platform: Caller) -> None:
    Application.objects.filter(pk=shop.pk).update(sender_name="Our shop")
    answer = platform("PATCH", "/applications/a-shop", {"name": "Boutique"}).json()
    assert (answer["name"], answer["sender_name"], answer["owner"]) == ("Boutique", "Our shop", "u-alice")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/people/u-alice", {"name": "Alicia"}),
        ("/white-labels/w-acme", {"brand_name": "Acme Stores"}),
        ("/applications/a-shop", {"name": "Boutique"}),
    ],
)
def test_what_is_changed_keeps_the_time_at_which_it_was_made(
    path: str, body: dict[str, object], shop: Application, platform: Caller
) -> None:
    before = platform("GET", path).json()
    answer = platform("PATCH", path, body).json()
    assert answer == before | body == platform("GET", path).json()


def test_an_entry_says_which_key_changed_what(shop: Application, platform: Caller) -> None:
    platform("PATCH", "/applications/a-shop", {"name": "Boutique"})
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.who) == ("whitelabel.application.change", platform.key.shown)
    assert entry.changes == [
        {"thing": f"whitelabel.Application {shop.pk}", "field": "name", "before": "Shop", "after": "Boutique"}
    ]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/people/u-1", {}, "email"), ("/people/u-1", {"email": "nobody"}, "email"),
        ("/people/u-1", {"email": "a@b.test", "name": "a\nb"}, "name"), ("/people/u-1", {"email": 5}, "email"),
        ("/people/u-1", {"email": "ALICE@acme.test"}, "email"),
        ("/people/u-1", {"email": "a@" + "\ufdfa." * 50 + "test"}, "email"),  # 18 letters each in NFKC
        ("/people/u-1", {"email": "a@" + "\u0130." * 120 + "test"}, "email"),  # two each in lower case
        ("/people/u-1", {"email": "a@b.test", "name": "\0"}, "name"),
        ("/people/u%2F1", {"email": "a@b.test"}, ""), ("/people/" + "x" * 101, {"email": "a@b.test"}, "ref"),
        ("/people/%00", {"email": "a@b.test"}, "ref"), ("/people/%20x", {"email": "a@b.test"}, "ref"),
        ("/white-labels/w-1", {}, "name"), ("/white-labels/w-1", {"name": "Globex"}, "name"),
        ("/white-labels/w-1", {"name": "New", "admins": ["u-nobody"]}, "admins"),
        ("/white-labels/w-1", {"name": "New", "brand_colour": "red"}, "brand_colour"),
        ("/white-labels/w-1", {"name": "New", "console_host": "not.answered.example"}, "console_host"),
        ("/white-labels/w-1", {"name": "New", "console_host": "a b"}, "console_host"),
        ("/white-labels/w-1", {"name": "New", "console_host": "LOCALHOST"}, "console_host"),
        ("/applications/a-1", {"name": "Till"}, "owner"), ("/applications/a-1", {"owner": "u-alice"}, "name"),
        ("/applications/a-1", {"name": "Till", "owner": "u-nobody"}, "owner"),
        ("/applications/a-1", {"name": "Till", "owner": "u\0"}, "owner"),
        ("/applications/a-1", {"name": "Till", "owner": "u-alice", "white_label": "w-none"}, "white_label"),
        ("/applications/a-1", {"name": "Till", "owner": "u-alice", "sender_address": "x"}, "sender_address"),
        ("/applications/a-1", {"name": "Till", "owner": "u-alice", "daily_limit": -1}, "daily_limit"),
        ("/applications/a-1", {"name": "x" * 101, "owner": "u-alice"}, "name"),
        ("/applications/a-shop", {"name": ""}, "name"), ("/applications/a-shop", {"owner": ""}, "owner"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_the_field_and_changes_nothing(
    path: str, body: dict[str, object], field: str, shop: Application, platform: Caller
) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (User, WhiteLabel, Application, AuditEntry)]
    status, _, words = _refused(platform("PUT", path, body))
    assert (status, f"`{field}`" in words) == ((422, True) if field else (404, False))
    after = [list(model.objects.order_by("pk").values()) for model in (User, WhiteLabel, Application, AuditEntry)]
    assert before == after


@pytest.mark.parametrize("ref", ["ü", "a b", "a?b#c", "%", "x" * 100, "{ref}", "..x", "日本"])
def test_any_printable_id_is_a_reference(ref: str, platform: Caller) -> None:
    path = f"/people/{quote(ref, safe='')}"
    assert platform("PUT", path, {"email": "a@b.test"}).json()["ref"] == ref
    assert platform("GET", path).json()["ref"] == ref


def test_a_person_who_is_here_already_is_taken_by_the_address(alice: User, platform: Caller) -> None:
    assert platform("PUT", "/people/u-1", {"email": "ALICE@acme.test"}).status_code == 200
    assert User.objects.get(ref="u-1") == alice


def test_the_platforms_own_people_keep_their_address_and_their_access(owner: User, platform: Caller) -> None:
    assert platform("PUT", "/people/u-1", {"email": owner.email}).status_code == 200
    assert _refused(platform("PATCH", "/people/u-1", {"email": "mine@evil.test"}))[0] == 422
    assert _refused(platform("DELETE", "/people/u-1"))[0] == 422
    owner.refresh_from_db()
    assert (owner.email, owner.is_active) == ("owner@platform.test", True)


def test_somebody_archived_who_became_a_platform_owner_is_not_let_in(
    alice: User, shop: Application, platform: Caller
) -> None:
    platform("DELETE", "/people/u-alice")
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    assert "Platform owner" in _refused(platform("PUT", "/people/u-alice", {}))[2]
    alice.refresh_from_db()
    assert (alice.is_active, alice.is_archived) == (False, True)


@pytest.mark.parametrize("whole_list", [False, True])
def test_the_former_address_is_told_of_another_one(
    whole_list: bool, shop: Application, alice: User, bob: User, platform: Caller
) -> None:
    User.objects.filter(pk=bob.pk).update(password="!")
    people = [{"ref": "u-alice", "email": "mallory@evil.test"}, {"ref": "u-bob", "email": "robert@acme.test"}]
    if whole_list:
        assert platform("POST", "/sync", {"people": people}).status_code == 200
    else:
        assert [platform("PATCH", f"/people/{each.pop('ref')}", each).status_code for each in people] == [200, 200]
    assert [(message.to, "mallory@evil.test" in message.body) for message in mail.outbox] == [
        (["alice@acme.test"], True)
    ]


def test_nobody_becomes_a_platform_owner(platform: Caller) -> None:
    platform("PUT", "/people/u-1", {"email": "a@b.test", "is_superuser": True, "is_staff": True, "password": "x"})
    person = User.objects.get(ref="u-1")
    assert (person.is_superuser, person.is_staff, person.has_usable_password()) == (False, False, False)


def test_admins_whom_the_platform_does_not_know_stay(shop: Application, alice: User, platform: Caller) -> None:
    User.objects.filter(pk=alice.pk).update(ref=None)
    platform("PATCH", "/white-labels/w-acme", {"admins": []})
    assert [person.email for person in WhiteLabel.objects.get(ref="w-acme").admins.all()] == [alice.email]


def test_somebody_whom_the_white_label_suspended_stays_so_whatever_a_list_says(
    shop: Application, alice: User, platform: Caller
) -> None:
    acme = WhiteLabel.objects.get(ref="w-acme")
    acme.admins.remove(alice)
    Suspension.objects.create(white_label=acme, person=alice, role="ADMIN")
    for _ in range(2):
        platform("PATCH", "/white-labels/w-acme", {"admins": [str(alice.ref)]})
        assert alice not in acme.admins.all()
    assert Suspension.objects.exists()


def test_whoever_a_list_makes_an_admin_is_not_invited_any_more(
    shop: Application, alice: User, platform: Caller
) -> None:
    acme = WhiteLabel.objects.get(ref="w-acme")
    acme.admins.remove(alice)
    Invitation.objects.create(white_label=acme, person=alice, email=alice.email, role="ADMIN")
    platform("PATCH", "/white-labels/w-acme", {"admins": [str(alice.ref)]})
    assert alice in acme.admins.all()
    assert not Invitation.objects.exists()


def test_another_owner_takes_another_route_and_leaves_the_keys_behind(
    shop: Application, alice: User, platform: Caller
) -> None:
    key = make_key(shop, alice)
    answer = platform("PATCH", "/applications/a-shop", {"owner": "u-charlie"})
    assert answer.json()["owner"] == "u-charlie"
    assert Key.objects.get(pk=key.pk).state == State.STOPPED
    assert Message.objects.filter(body__contains="has changed hands").exists()
    assert [entry.act for entry in AuditEntry.objects.all()] == ["application.change_owner"]
    assert "Charlie".lower() in " ".join(platform("GET", "/applications/a-shop/route").json()["reasons"])


def test_a_colleague_takes_the_keys_along(shop: Application, alice: User, platform: Caller) -> None:
    key = make_key(shop, alice)
    platform("PATCH", "/applications/a-shop", {"owner": "u-bob"})
    assert Key.objects.get(pk=key.pk).state == State.IN_USE


def test_somebody_who_cannot_sign_in_gets_no_application(shop: Application, charlie: User, platform: Caller) -> None:
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    words = _refused(platform("PATCH", "/applications/a-shop", {"owner": "u-charlie"}))[2]
    assert words == "Invalid `owner` field: charlie@globex.test cannot sign in."


def test_an_archived_application_sends_nothing_more(shop: Application, owner: User, platform: Caller) -> None:
    caller = Caller(*make_key_and_secret(shop, owner, Maker.PLATFORM))
    assert caller.send().status_code == 200
    assert platform("DELETE", "/applications/a-shop").json() == {
        "object": "application", "ref": "a-shop", "archived": True
    }  # fmt: skip
    assert _refused(caller.send())[:2] == (403, "invalid_api_key")
    key = Key.objects.get(pk=caller.key.pk)
    assert (key.state, key.refusal) == (State.STOPPED, Fault.ARCHIVED)
    shop.refresh_from_db()
    with pytest.raises(ValidationError, match="archived"):
        api.send(shop, to="rita@users.test", subject="Hello", text="It works.")
    assert route_for(shop).hold == "The application is archived."
    assert Delivery.objects.count() == 1


def test_its_keys_are_listed_as_stopped_and_no_new_one_is_made(
    shop: Application, alice: User, platform: Caller
) -> None:
    make_key(shop, alice)
    platform("DELETE", "/applications/a-shop")
    assert [Key.objects.in_state(state).count() for state in (State.STOPPED, State.IN_USE)] == [1, 1]
    shop.refresh_from_db()
    with pytest.raises(ValidationError, match="archived"):
        make_key(shop, alice, name="Another")


def test_put_restores_what_was_archived(shop: Application, alice: User, platform: Caller) -> None:
    key = make_key(shop, alice)
    platform("DELETE", "/applications/a-shop")
    assert _refused(platform("PATCH", "/applications/a-shop", {"name": "Till"}))[0] == 422
    assert platform("PUT", "/applications/a-shop", {}).json()["archived"] is False
    assert Key.objects.get(pk=key.pk).state == State.IN_USE


def test_archiving_twice_is_recorded_once(shop: Application, platform: Caller) -> None:
    for _ in range(2):
        assert platform("DELETE", "/applications/a-shop").status_code == 200
    assert [entry.act for entry in AuditEntry.objects.all()] == ["whitelabel.application.archive"]


def test_a_white_label_is_archived_without_its_applications_only(
    shop: Application, alice: User, platform: Caller
) -> None:
    assert "still has applications (1)" in _refused(platform("DELETE", "/white-labels/w-acme"))[2]
    platform("PATCH", "/applications/a-shop", {"white_label": None})
    assert platform("DELETE", "/white-labels/w-acme").status_code == 200
    assert not WhiteLabel.objects.visible_to(alice).exists()
    refused = _refused(platform("PATCH", "/applications/a-shop", {"white_label": "w-acme"}))
    assert refused[2] == "Invalid `white_label` field: Acme is archived."


def test_an_archived_person_cannot_sign_in_until_put_again(shop: Application, alice: User, platform: Caller) -> None:
    platform("DELETE", "/people/u-alice")
    alice.refresh_from_db()
    assert (alice.is_active, shop.owner_is_admin()) == (False, False)
    assert platform("PUT", "/people/u-alice", {}).json()["may_sign_in"] is True


def test_somebody_whom_an_owner_shut_out_is_not_let_in_again(shop: Application, alice: User, platform: Caller) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    platform("DELETE", "/people/u-alice")
    assert platform("PUT", "/people/u-alice", {"name": "Alice"}).json()["may_sign_in"] is False


def test_lists_go_on_after_a_reference(shop: Application, alice: User, platform: Caller) -> None:
    make_application(alice, name="Made by hand")
    for number in range(3):
        platform("PUT", f"/applications/a-{number}", {"name": f"App {number}", "owner": "u-bob"})
    first = platform("GET", "/applications?limit=2").json()
    rest = platform("GET", f"/applications?after={first['data'][-1]['ref']}").json()
    assert [item["ref"] for item in first["data"] + rest["data"]] == ["a-shop", "a-0", "a-1", "a-2"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert _refused(platform("GET", "/applications?after=a-9"))[0] == 404


def test_the_route_is_what_the_page_shows(shop: Application, platform: Caller) -> None:
    answer, route = platform("GET", "/applications/a-shop/route").json(), route_for(shop)
    assert answer["reasons"] == list(route.reasons)
    assert (answer["rule"], answer["server"], answer["from"]) == (route.rule, str(route.server), str(route.sender))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_not_there_is_not_found(method: str, path: str, platform: Caller) -> None:
    assert _refused(platform(method, path, {}))[:2] == (404, "not_found")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_keys_of_applications_provision_nothing(
    method: str, path: str, shop: Application, alice: User, owner: User, platform: Caller
) -> None:
    for person, maker in ((alice, Maker.WHITE_LABEL), (owner, Maker.PLATFORM)):
        caller = Caller(*make_key_and_secret(shop, person, maker, name=maker, scopes="domains send"))
        assert _refused(caller(method, path, {"email": "a@b.test"}))[:2] == (401, "restricted_api_key")


def test_no_key_of_an_application_can_have_the_right_to_provision(shop: Application, alice: User, owner: User) -> None:
    for person, maker in ((alice, Maker.WHITE_LABEL), (owner, Maker.PLATFORM)):
        with pytest.raises(ValidationError, match="Only a key of the platform"):
            make_key(shop, person, maker, scopes="provision")


def test_a_revoked_key_provisions_nothing_more(owner: User, platform: Caller) -> None:
    platform.key.revoke(by=owner)
    assert _refused(platform("PUT", "/people/u-1", {"email": "a@b.test"}))[:2] == (403, "invalid_api_key")


def test_a_key_of_the_platform_sends_nothing(platform: Caller) -> None:
    assert _refused(platform("POST", "/emails", message()))[:2] == (401, "restricted_api_key")


def test_a_test_key_reads_and_changes_nothing(shop: Application, owner: User, platform: Caller) -> None:
    tester = Caller(*make_key_and_secret(None, owner, Maker.PLATFORM, name="Tests", test=True))
    assert tester("GET", "/applications/a-shop").status_code == 200
    for method in ("PUT", "PATCH", "DELETE"):
        assert _refused(tester(method, "/applications/a-shop", {}))[1] == "restricted_api_key"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_row(platform: Caller) -> None:
    answers: list[int] = []

    def put() -> None:
        try:
            caller = Caller(platform.key, platform.secret)
            answers.append(caller("PUT", "/people/u-1", {"email": "dana@shop.test"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
    assert User.objects.filter(ref="u-1").count() == 1
    assert AuditEntry.objects.filter(act="people.user.add").count() == 1


def test_a_host_that_is_not_answered_any_more_stands_in_no_ones_way(
    acme: WhiteLabel, shop: Application, platform: Caller
) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(console_host="gone.example")
    assert platform("PATCH", "/white-labels/w-acme", {"brand_name": "New"}).json()["console_host"] == "gone.example"
