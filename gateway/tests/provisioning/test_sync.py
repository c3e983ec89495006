"""POST /sync: whole lists at once, all or nothing."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext

from gateway.choices import Maker, State
from gateway.http.provisioning import SYNC_BYTES
from gateway.models import Key
from gateway.provisioning import acts
from gateway.provisioning.storing import store
from gateway.tests.http.conftest import Caller
from people.models import AuditEntry, User
from testing.factories import make_key, make_key_and_secret
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
NOTHING = {"created": [], "changed": {}, "unchanged": 0, "missing": []}


def _lists(count: int = 3) -> dict[str, Any]:
    return {
        "people": [{"ref": f"u-{number}", "email": f"p{number}@shops.test"} for number in range(count)],
        "white_labels": [{"ref": "w-1", "name": "Shops", "admins": ["u-0"]}],
        "applications": [
            {"ref": f"a-{number}", "name": f"App {number}", "owner": f"u-{number}", "white_label": "w-1"}
            for number in range(count)
        ],
    }


def _part(answer: Any, kind: str = "applications") -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()[kind]


def test_a_whole_list_is_made_at_once(platform: Caller) -> None:
    part = _part(platform("POST", "/sync", _lists()))
    assert part == NOTHING | {"created": ["a-0", "a-1", "a-2"]}
    assert {app.owner.email for app in Application.objects.all()} == {f"p{number}@shops.test" for number in range(3)}
    assert [str(app) for app in Application.objects.all() if app.owner_is_admin()] == ["App 0"]


def test_the_same_list_again_changes_nothing_and_is_not_recorded(platform: Caller) -> None:
    platform("POST", "/sync", _lists())
    entries = AuditEntry.objects.count()
    assert _part(platform("POST", "/sync", _lists())) == NOTHING | {"unchanged": 3}
    assert AuditEntry.objects.count() == entries


def test_what_differs_and_what_is_missing_is_named(platform: Caller) -> None:
    platform("POST", "/sync", _lists())
    lists = {"applications": _lists()["applications"][:2]}
    lists["applications"][1] |= {"name": "Till", "daily_limit": 5}
    part = _part(platform("POST", "/sync", lists))
    assert part == {"created": [], "changed": {"a-1": ["daily_limit", "name"]}, "unchanged": 1, "missing": ["a-2"]}
    assert not Application.objects.get(ref="a-2").is_archived


@pytest.mark.parametrize("kind", ["people", "white_labels"])
def test_an_application_that_is_there_comes_to_whom_the_same_list_makes(kind: str, platform: Caller) -> None:
    platform("PUT", "/people/u-0", {"email": "p0@shops.test"})
    platform("PUT", "/applications/a-0", {"name": "App 0", "owner": "u-0"})
    lists = {each: _lists()[each] for each in ("people", "white_labels") if each in ("people", kind)}
    new = {"owner": "u-1"} if kind == "people" else {"white_label": "w-1"}
    part = _part(platform("POST", "/sync", lists | {"applications": [{"ref": "a-0", **new}]}))
    assert part["changed"] == {"a-0": list(new)}
    assert platform("GET", "/applications/a-0").json().items() >= new.items()
    fields = {change["field"] for entry in AuditEntry.objects.all() for change in entry.changes}
    assert new.keys() <= fields


def test_admins_whom_the_same_list_gives_a_reference_are_named_in_it(
    acme: WhiteLabel, alice: User, bob: User, platform: Caller
) -> None:
    lists = {"people": [{"ref": "u-1", "email": alice.email}], "white_labels": [{"ref": "w-1", "name": "Acme"}]}
    lists["white_labels"][0]["admins"] = ["u-1"]  # type: ignore[assignment]
    assert _part(platform("POST", "/sync", lists), "white_labels")["changed"] == {"w-1": ["ref"]}
    lists["people"][0]["email"] = "alice@elsewhere.test"
    assert _part(platform("POST", "/sync", lists), "white_labels") == NOTHING | {"unchanged": 1}
    assert set(acme.admins.all()) == {alice, bob}


def test_an_admin_whom_the_same_list_gives_a_reference_can_be_taken_away_in_it(
    acme: WhiteLabel, alice: User, bob: User, platform: Caller
) -> None:
    lists = {
        "people": [{"ref": "u-1", "email": alice.email}],
        "white_labels": [{"ref": "w-1", "name": "Acme", "admins": []}],
    }
    platform("POST", "/sync", lists)
    assert set(acme.admins.all()) == {bob}


def test_what_is_archived_is_not_missing(platform: Caller) -> None:
    platform("POST", "/sync", _lists())
    platform("DELETE", "/applications/a-2")
    assert _part(platform("POST", "/sync", {"applications": []}))["missing"] == ["a-0", "a-1"]


def test_a_dry_run_tells_and_changes_nothing(platform: Caller) -> None:
    answer = platform("POST", "/sync", _lists() | {"dry_run": True})
    assert _part(answer)["created"] == ["a-0", "a-1", "a-2"]
    assert (answer.json()["errors"], User.objects.exclude(ref=None).count(), AuditEntry.objects.count()) == ([], 0, 0)


def test_a_dry_run_tells_of_everything_that_is_wrong(platform: Caller) -> None:
    lists = _lists() | {"dry_run": True}
    lists["applications"][0]["owner"] = "u-9"
    lists["applications"][1] = {"ref": "a-1", "name": 5}
    lists["people"].append({"ref": "u-0", "email": "x@shops.test"})
    body = platform("POST", "/sync", lists).json()
    assert [(each["list"], each["index"], each["field"]) for each in body["errors"]] == [
        ("applications", 1, "name"), ("people", 3, "ref"), ("applications", 0, "owner")
    ]  # fmt: skip
    assert body["error_count"] == 3


@pytest.mark.parametrize(
    ("kind", "item", "field"),
    [
        ("applications", {"ref": "a-9", "name": "Till", "owner": "u-9"}, "owner"),
        ("applications", {"name": "Till", "owner": "u-1"}, "ref"),
        ("applications", {"ref": "a-0", "name": "Till"}, "ref"), ("applications", "a-9", ""),
        ("people", {"ref": "u-9", "email": "P1@shops.test"}, "email"),
        ("people", {"ref": "u/9", "email": "a@b.test"}, "ref"),
        ("people", {"ref": "u-9", "email": "a\0@b.test"}, "email"), ("people", None, ""),
        ("white_labels", {"ref": "w-9", "name": "Shops"}, "name"),
        ("white_labels", {"ref": "w-9", "name": "New", "admins": ["\0"]}, "admins"),
    ],
)  # fmt: skip
def test_one_item_that_is_wrong_leaves_everything_undone(kind: str, item: Any, field: str, platform: Caller) -> None:
    lists = _lists()
    lists[kind].append(item)
    answer = platform("POST", "/sync", lists)
    body = answer.json()
    assert (answer.status_code, body["name"]) == (422, "validation_error")
    assert (body["errors"][0]["list"], body["errors"][0]["field"]) == (kind, field)
    assert body["errors"][0]["index"] == len(lists[kind]) - 1
    assert field in body["message"]
    assert [model.objects.exclude(ref=None).count() for model in (User, WhiteLabel, Application)] == [0, 0, 0]


def test_owners_change_as_by_hand(owner: User, platform: Caller) -> None:
    platform("POST", "/sync", _lists())
    shop, admin = Application.objects.get(ref="a-0"), User.objects.get(ref="u-0")
    by_white_label, by_platform = make_key(shop, admin), make_key(shop, owner, Maker.PLATFORM, name="Other")
    platform("POST", "/sync", {"applications": [{"ref": "a-0", "owner": "u-1"}]})
    states = [Key.objects.get(pk=key.pk).state for key in (by_white_label, by_platform)]
    assert states == [State.STOPPED, State.IN_USE]
    assert AuditEntry.objects.filter(act="application.change_owner").count() == 1


@pytest.mark.parametrize("count", [10, 400])
def test_the_number_of_statements_does_not_follow_the_number_of_applications(count: int, platform: Caller) -> None:
    lists = _lists(count)
    with CaptureQueriesContext(connection) as first:
        platform("POST", "/sync", lists)
    with CaptureQueriesContext(connection) as again:
        platform("POST", "/sync", lists)
    assert len(first) < 60 + count / 4
    assert len(again) < 25


@pytest.mark.parametrize("fields", [{}, {"name": "Till"}, {"daily_limit": 5}])
def test_whatever_items_say_they_are_read_and_stored_together(fields: dict[str, Any], platform: Caller) -> None:
    platform("POST", "/sync", _lists(100))
    lists = {"applications": [{"ref": f"a-{number}", **fields} for number in range(100)]}
    with CaptureQueriesContext(connection) as statements:
        assert _part(platform("POST", "/sync", lists))["unchanged"] == (0 if fields else 100)
    assert len(statements) < 30


def test_a_name_that_a_console_took_meanwhile_is_found_by_the_second_look(
    platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def taken_once(*given: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError
        store(*given)

    monkeypatch.setattr(acts, "store", taken_once)
    assert _part(platform("POST", "/sync", _lists()))["created"]
    assert len(tries) == 2


@pytest.mark.parametrize("call", [("POST", "/sync", _lists()), ("PUT", "/people/u-1", {"email": "a@b.test"})])
def test_a_key_that_is_revoked_meanwhile_changes_nothing(
    call: tuple[str, str, Any], platform: Caller, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store_while_it_is_revoked(*given: Any) -> None:
        store(*given)
        Key.objects.get(pk=platform.key.pk).revoke(by=owner)

    monkeypatch.setattr("gateway.models.key.RECHECK_SECONDS", 0)
    monkeypatch.setattr(acts, "store", store_while_it_is_revoked)
    assert platform(*call).json()["name"] == "invalid_api_key"
    assert not User.objects.exclude(ref=None).exists()


def test_a_request_that_is_too_large_is_not_read(platform: Caller) -> None:
    headers = {"Authorization": f"Bearer {platform.secret}"}
    for path, largest in (("/api/sync", SYNC_BYTES), ("/api/people/u-1", 256 * 1024)):
        method = "POST" if path == "/api/sync" else "PUT"
        answer = platform.client.generic(method, path, b"{}", headers=headers, CONTENT_LENGTH=str(largest + 1))
        assert answer.status_code == 413


@pytest.mark.parametrize("ref", ["x" * 100_000, "\ud800" * 100_000])
def test_an_answer_does_not_grow_with_a_reference_that_is_none(ref: str, platform: Caller) -> None:
    for dry_run in (True, False):
        answer = platform("POST", "/sync", {"people": [{"ref": ref, "email": "a@b.test"}], "dry_run": dry_run})
        assert answer.json()["error_count"] == 1
        assert len(answer.content) < 3_000


def test_a_test_key_may_only_try(owner: User, platform: Caller) -> None:
    tester = Caller(*make_key_and_secret(None, owner, Maker.PLATFORM, name="Tests", test=True))
    assert tester("POST", "/sync", _lists()).json()["name"] == "restricted_api_key"
    assert tester("POST", "/sync", _lists() | {"dry_run": True}).status_code == 200


def test_keys_of_applications_bring_no_lists(platform: Caller, owner: User) -> None:
    platform("POST", "/sync", _lists())
    caller = Caller(*make_key_and_secret(Application.objects.get(ref="a-0"), owner, Maker.PLATFORM))
    assert caller("POST", "/sync", {"people": []}).json()["name"] == "restricted_api_key"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_whoever_waits_too_long_for_a_turn_is_told_to_come_again(
    platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "WAIT_SECONDS", 1)
    other = connections["default"].copy("other")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [acts.LOCK])
            answer = platform("PUT", "/people/u-1", {"email": "a@b.test"})
    finally:
        other.close()
    assert (answer.status_code, answer.json()["name"]) == (409, "concurrent_idempotent_requests")
    assert answer["Retry-After"] == "1"
