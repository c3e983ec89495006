"""A key: made, shown once, revoked, and what it may do."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from gateway.choices import Fault, Maker, Scope, State
from gateway.models import Key
from gateway.models.key import KEYS_AT_ONCE, RECHECK_SECONDS
from people.models import User
from testing.canary import all_tables
from testing.factories import make_application, make_key, make_key_and_secret
from testing.raw_sql import edit_row
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def test_a_secret_is_stored_nowhere(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    random = secret.rpartition("_")[2]
    assert [table for table, content in all_tables() if random in content] == []
    assert secret not in repr(vars(key))


def test_its_own_secret_matches_and_no_other(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    other = make_key_and_secret(shop, alice, name="Other")[1]
    assert key.matches(secret)
    assert not any(key.matches(wrong) for wrong in (other, secret[:-1], "", secret.upper(), "\ud800"))


@pytest.mark.parametrize(
    "edited",
    [
        {"scopes": "domains"},
        {"scopes": "domains send"},
        {"scopes": "provision", "application_id": None},
        {"test": True},
        {"networks": "10.0.0.0/8"},
        {"ends_on": date(2099, 12, 31)},
        {"maker": Maker.PLATFORM},
        {"prefix": "a" * 12},
    ],
    ids=str,
)
def test_a_row_that_was_edited_in_the_database_opens_nothing(
    edited: dict[str, object], shop: Application, alice: User
) -> None:
    key, secret = make_key_and_secret(shop, alice)
    edit_row(key, **edited)
    assert not Key.objects.get(pk=key.pk).matches(secret)


def test_a_key_that_was_moved_to_another_application_opens_nothing(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    edit_row(key, application_id=make_application(alice, shop.white_label, "Courier").pk)
    assert not Key.objects.get(pk=key.pk).matches(secret)


def test_a_hash_that_was_copied_to_another_key_opens_nothing(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    other = make_key(shop, alice, name="Other")
    other.sealed_hash = key.sealed_hash
    assert not other.matches(secret)


def test_a_revoked_key_has_no_hash_any_more(shop: Application, alice: User, bob: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    assert key.revoke(by=bob)
    assert not key.revoke(by=alice)
    assert (key.state, key.revoked_by, key.sealed_hash) == (State.REVOKED, bob, "")
    Key.objects.update(revoked_at=None)
    assert not Key.objects.get().matches(secret)


@pytest.mark.parametrize("maker", Maker)
def test_nobody_makes_keys_for_the_applications_of_others(maker: Maker, shop: Application, charlie: User) -> None:
    with pytest.raises(PermissionDenied):
        make_key(shop, charlie, maker)


def test_a_white_label_makes_no_key_in_the_platforms_name(shop: Application, alice: User) -> None:
    for application in (shop, None):
        with pytest.raises(PermissionDenied):
            make_key(application, alice, Maker.PLATFORM)


def test_a_white_label_revokes_no_key_of_the_platform(shop: Application, alice: User, owner: User) -> None:
    key = make_key(shop, owner, Maker.PLATFORM)
    with pytest.raises(PermissionDenied):
        key.revoke(by=alice)
    assert not key.may_be_managed_by(alice)


def test_the_platform_revokes_every_key(shop: Application, alice: User, owner: User) -> None:
    assert make_key(shop, alice).revoke(by=owner)


@pytest.mark.parametrize("scopes", ["provision", "provision send", "", "everything"])
def test_a_key_of_an_application_neither_provisions_nor_does_nothing(
    scopes: str, shop: Application, owner: User
) -> None:
    with pytest.raises(ValidationError, match=r"scopes"):
        make_key(shop, owner, Maker.PLATFORM, scopes=scopes)


@pytest.mark.parametrize("scopes", ["send", "domains", "provision send"])
def test_a_key_of_the_platform_only_provisions(scopes: str, owner: User) -> None:
    with pytest.raises(ValidationError, match="can only provision"):
        make_key(None, owner, Maker.PLATFORM, scopes=scopes)
    assert make_key(None, owner, Maker.PLATFORM).may(Scope.PROVISION)


def test_the_database_refuses_scopes_that_do_not_go_together(shop: Application, alice: User) -> None:
    key = make_key(shop, alice)
    with pytest.raises(IntegrityError):
        Key.objects.filter(pk=key.pk).update(scopes="provision")


def test_domains_are_asked_for_by_applications_of_admins_only(
    shop: Application, alice: User, charlie: User, acme: WhiteLabel
) -> None:
    key = make_key(shop, alice, scopes="send domains")
    assert key.may(Scope.DOMAINS)
    with pytest.raises(ValidationError, match="must be one of its admins"):
        make_key(make_application(charlie, acme, "Loyalty"), alice, scopes="domains")
    acme.admins.remove(alice)
    assert key.may(Scope.SEND)
    assert not key.may(Scope.DOMAINS)


def test_a_key_may_only_what_it_was_made_for(shop: Application, alice: User) -> None:
    key = make_key(shop, alice, scopes="domains")
    assert [scope for scope in Scope if key.may(scope)] == [Scope.DOMAINS]


def test_a_key_works_to_the_end_of_its_last_day(shop: Application, alice: User) -> None:
    today = timezone.now().replace(hour=12)
    key = make_key(shop, alice, ends_on=(today + timedelta(days=1)).date())
    with time_machine.travel(today + timedelta(days=1, hours=11)):
        assert key.fault is None
    with time_machine.travel(today + timedelta(days=1, hours=13)):
        assert [key.fault, key.state] == [Fault.ENDED, State.ENDED]


def test_a_last_day_that_is_over_is_refused(shop: Application, alice: User) -> None:
    with pytest.raises(ValidationError, match="This day is over"):
        make_key(shop, alice, ends_on=timezone.now().date() - timedelta(days=1))


def test_no_two_keys_of_an_application_have_one_name(shop: Application, alice: User, acme: WhiteLabel) -> None:
    first = make_key(shop, alice)
    make_key(make_application(alice, acme, "Courier"), alice)
    with pytest.raises(ValidationError, match="of this name already"):
        make_key(shop, alice, name="SHOP SERVER")
    first.revoke(by=alice)
    make_key(shop, alice)


@pytest.mark.parametrize("name", ["", "two\nlines", "half \ud800", "nul \0", "n" * 101])
def test_a_name_is_one_line(name: str, shop: Application, alice: User) -> None:
    with pytest.raises(ValidationError, match="name"):
        make_key(shop, alice, name=name)
    assert not Key.objects.exists()


def test_an_application_has_only_so_many_keys_at_once(shop: Application, alice: User) -> None:
    keys = [make_key(shop, alice, name=f"Server {number}") for number in range(KEYS_AT_ONCE)]
    with pytest.raises(ValidationError, match="revoke one first"):
        make_key(shop, alice)
    keys[0].revoke(by=alice)
    make_key(shop, alice)


def test_what_a_session_holds_stops_within_two_seconds(shop: Application, alice: User) -> None:
    make_key(shop, alice)
    held, elsewhere = Key.objects.get(), Key.objects.get()
    assert held.is_usable()
    elsewhere.revoke(by=alice)
    held._checked_at -= RECHECK_SECONDS
    assert not held.is_usable()
    assert RECHECK_SECONDS <= 2


def test_a_session_asks_the_database_once_a_second_at_most(
    shop: Application, alice: User, django_assert_num_queries: object
) -> None:
    held = make_key(shop, alice)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert all(held.is_usable() for _ in range(20))


def test_a_key_that_went_with_its_application_is_not_usable(shop: Application, alice: User) -> None:
    held = make_key(shop, alice)
    shop.delete()
    assert not held.is_usable()


def test_the_last_use_is_written_once_a_minute(shop: Application, alice: User) -> None:
    key = make_key(shop, alice)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert key.note_use("203.0.113.7")
        clock.shift(59)
        assert not key.note_use("203.0.113.8")
        clock.shift(2)
        assert Key.objects.get().note_use("203.0.113.9")
    key.refresh_from_db()
    assert key.used_from == "203.0.113.9"


def test_each_state_is_found_in_lists(shop: Application, alice: User, owner: User, charlie: User) -> None:
    used = make_key(shop, owner, Maker.PLATFORM, name="used")
    stopped, ended, revoked = (make_key(shop, alice, name=name) for name in ("stopped", "ended", "revoked"))
    revoked.revoke(by=alice)
    Key.objects.filter(pk=ended.pk).update(ends_on=timezone.now().date() - timedelta(days=1))
    shop.hand_over(charlie, previous=alice.pk)
    for key, state in ((used, State.IN_USE), (stopped, State.STOPPED), (ended, State.ENDED), (revoked, State.REVOKED)):
        assert list(Key.objects.in_state(state)) == [key]
        assert Key.objects.get(pk=key.pk).state == state


def test_keys_are_seen_by_those_whose_application_it_is(
    shop: Application, alice: User, bob: User, charlie: User, globex: WhiteLabel, owner: User
) -> None:
    key, platforms = make_key(shop, alice), make_key(None, owner, Maker.PLATFORM)
    assert set(Key.objects.visible_to(owner)) == {key, platforms}
    assert list(Key.objects.visible_to(bob)) == [key]
    assert not Key.objects.visible_to(charlie).exists()


def test_a_prefix_is_looked_up_by_an_index(shop: Application, alice: User) -> None:
    key = make_key(shop, alice)
    plan = Key.objects.filter(prefix=key.prefix).explain()
    assert "INDEX" in plan.upper() or connection.vendor == "postgresql"
