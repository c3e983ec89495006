"""Guessing is slowed down, by address, by address and account, and by account; nobody is locked out by a stranger."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.contrib.auth.hashers import Argon2PasswordHasher, MD5PasswordHasher
from django.core.cache import cache
from django.test import Client

from backoffice.accounts import throttle
from backoffice.accounts.throttle import ACCOUNT, ADDRESS, CODES_OF_ACCOUNT, DEVICE, PAIR, Lane, Pace, SlowDown
from backoffice.cache import SteadyCache
from backoffice.tests.accounts.steps import LOGIN, SECOND_STEP, SECRET, code_for, is_signed_in, sign_in, sign_out
from people.models import User
from people.throttling import any_exceeded
from testing.factories import PASSWORD, make_person

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _own_clock(settings: LazySettings) -> None:
    """Count within this process, where what is kept ends by the clock that the tests set."""
    SteadyCache._away_until = {settings.REDIS_URL: float("inf")}
    cache.clear()


def addresses(count: int) -> list[str]:
    return [f"10.1.{number // 250}.{number % 250 + 1}" for number in range(count)]


def guess(email: str, times: int, address: str = HERE) -> None:
    for _ in range(times):
        sign_in(Client(), email, "wrong", address)


def guess_from_everywhere(email: str, times: int) -> None:
    for address in addresses(times):
        sign_in(Client(), email, "wrong", address)


def test_somebody_who_guesses_is_told_how_long_to_wait(client: Client, alice: User) -> None:
    guess(alice.email, PAIR.free + 1)
    slowed = sign_in(client, alice.email, address=HERE, next="/whitelabel/")
    assert slowed.status_code == 429
    assert slowed["Retry-After"] == "2"
    assert slowed["Cache-Control"] == "no-store"
    page = slowed.content.decode()
    assert "<strong>2 seconds</strong>" in page
    assert f'href="{LOGIN}?next=%2Fwhitelabel%2F"' in page


def test_the_delay_grows_with_each_failure_and_has_an_end(alice: User) -> None:
    guess(alice.email, PAIR.free)
    told, now = [], time.time()
    for _ in range(12):
        with time_machine.travel(now, tick=False):
            sign_in(Client(), alice.email, "wrong", HERE)
            told.append(int(sign_in(Client(), alice.email, "wrong", HERE)["Retry-After"]))
        now += told[-1] + 1
    assert told[:5] == [2, 4, 8, 16, 32]
    assert told[-1] == PAIR.slowest_seconds
    assert throttle.in_words(told[-1]) == "15 minutes"


def test_after_the_delay_the_right_password_signs_in_and_forgets_the_failures(client: Client, alice: User) -> None:
    guess(alice.email, PAIR.free + 1)
    with time_machine.travel(time.time() + 3):
        assert sign_in(client, alice.email, address=HERE)["Location"] == "/"
        for _ in range(PAIR.free):
            assert sign_in(Client(), alice.email, "wrong", HERE).status_code == 200


def test_a_stranger_does_not_lock_anybody_out_at_another_address(client: Client, alice: User) -> None:
    guess(alice.email, 50)
    assert sign_in(client, alice.email, address=ELSEWHERE)["Location"] == "/"


def test_guesses_at_one_account_from_everywhere_are_slowed(client: Client, alice: User) -> None:
    guess_from_everywhere(alice.email, ACCOUNT.free + 1)
    assert sign_in(client, alice.email, address=HERE).status_code == 429
    with time_machine.travel(time.time() + ACCOUNT.slowest_seconds):
        assert sign_in(client, alice.email, address=HERE)["Location"] == "/"


def test_a_device_that_has_signed_in_before_gets_through(client: Client, alice: User) -> None:
    sign_in(client, alice.email, address=HERE)
    sign_out(client)
    guess_from_everywhere(alice.email, ACCOUNT.free + 5)
    guess(alice.email, ADDRESS.free + 5)
    assert sign_in(client, alice.email, address=HERE)["Location"] == "/"


def test_a_known_device_is_slowed_by_its_own_failures(client: Client, alice: User) -> None:
    sign_in(client, alice.email)
    sign_out(client)
    for _ in range(DEVICE.free + 1):
        sign_in(client, alice.email, "wrong")
    assert sign_in(client, alice.email).status_code == 429


def test_a_device_is_known_for_its_own_account_alone(client: Client, alice: User, charlie: User) -> None:
    sign_in(client, charlie.email)
    sign_out(client)
    guess_from_everywhere(alice.email, ACCOUNT.free + 1)
    assert sign_in(client, alice.email).status_code == 429


def _new_password(person: User) -> None:
    person.set_password("a whole new word")
    person.save()


def _new_factor(person: User) -> None:
    TOTP.activate(person, SECRET)


@pytest.mark.parametrize("change", [_new_password, _new_factor])
def test_a_device_is_not_known_any_more_after_a_change(
    change: Callable[[User], None], client: Client, alice: User
) -> None:
    sign_in(client, alice.email)
    sign_out(client)
    change(alice)
    guess_from_everywhere(alice.email, ACCOUNT.free + 1)
    assert sign_in(client, alice.email, "wrong").status_code == 429


def test_a_device_that_was_made_up_is_not_known(client: Client, alice: User, settings: LazySettings) -> None:
    sign_in(client, alice.email)
    genuine = client.cookies[settings.DEVICE_COOKIE_NAME].value
    guess_from_everywhere(alice.email, ACCOUNT.free + 1)
    for forged in ("", "x", f"x{genuine}", genuine[:-1]):
        stranger = Client()
        stranger.cookies[settings.DEVICE_COOKIE_NAME] = forged
        assert sign_in(stranger, alice.email, "wrong").status_code == 429


def test_one_address_that_tries_many_accounts_is_slowed(client: Client, alice: User) -> None:
    for number in range(ADDRESS.free + 1):
        sign_in(Client(), f"person{number}@acme.test", "wrong", HERE)
    assert sign_in(client, alice.email, address=HERE).status_code == 429
    assert sign_in(client, alice.email, address=ELSEWHERE)["Location"] == "/"


def test_the_addresses_of_one_household_are_one(client: Client, alice: User) -> None:
    for number in range(PAIR.free + 1):
        sign_in(Client(), alice.email, "wrong", f"2001:db8::{number:x}")
    assert sign_in(client, alice.email, address="2001:db8::ffff").status_code == 429
    assert sign_in(client, alice.email, address="2001:db8:0:1::1")["Location"] == "/"


def _from(client: Client, forwarded: str, email: str) -> int:
    form = {"login": email, "password": "wrong"}
    return client.post(LOGIN, form, headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="127.0.0.1").status_code


def test_an_address_that_the_visitor_made_up_does_not_help(alice: User, settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = settings.PROXY_HOPS = 1
    said = [_from(Client(), f"192.0.2.{number}, {HERE}", alice.email) for number in range(1, PAIR.free + 3)]
    assert said[-1] == 429
    assert _from(Client(), f"192.0.2.1, {ELSEWHERE}", alice.email) == 200


def test_without_a_proxy_the_header_says_nothing(alice: User) -> None:
    said = [_from(Client(), f"192.0.2.{number}", alice.email) for number in range(1, PAIR.free + 3)]
    assert said[-1] == 429


@pytest.mark.parametrize("spelling", ["ALICE@acme.test", " alice@acme.test ", "al\u0131ce@acme.test"])
def test_another_spelling_of_the_address_is_the_same_account(spelling: str, client: Client, alice: User) -> None:
    guess_from_everywhere(spelling, ACCOUNT.free + 1)
    assert sign_in(client, alice.email, "wrong").status_code == 429


def test_an_account_that_is_not_here_is_slowed_just_the_same(client: Client, alice: User) -> None:
    answers = []
    for email in (alice.email, "stranger@acme.test"):
        answers.append([sign_in(Client(), email, "wrong", HERE).status_code for _ in range(PAIR.free + 2)])
        cache.clear()
    assert answers[0] == answers[1]
    assert answers[0][-1] == 429


def test_it_costs_a_hash_to_refuse_whether_the_account_is_there_or_not(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited = User.objects.create_user("invited@acme.test")
    gone = make_person("gone@acme.test")
    gone.archive()
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def noting(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noting)
    counts = []
    for email in (alice.email, invited.email, gone.email, "stranger@acme.test"):
        hashed.clear()
        sign_in(client, email, "wrong")
        counts.append(len(hashed))
    assert counts == [1, 1, 1, 1]


def test_of_tries_at_once_only_one_passes_behind_the_free_ones() -> None:
    lane = Lane("test", Pace(free=3, slowest_seconds=60))
    assert [lane.enter() for _ in range(6)] == [True, True, True, True, False, False]


def test_what_others_failed_at_is_not_forgiven_by_a_success() -> None:
    lane = Lane("test", Pace(free=1, slowest_seconds=60))
    lane.enter()
    lane.enter()
    cache.delete(lane._until)
    lane.enter()
    lane.succeed()
    throttle.enter([lane])
    with pytest.raises(SlowDown, match="4 s"):
        throttle.enter([lane])


def test_sign_in_works_and_is_slowed_while_the_cache_is_away(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.CACHES = {"default": {"BACKEND": "backoffice.cache.SteadyCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    assert sign_in(client, alice.email)["Location"] == "/"
    guess(alice.email, PAIR.free + 1)
    assert sign_in(Client(), alice.email, address=HERE).status_code == 429


def test_processes_slow_down_together(valkey: str, client: Client, alice: User) -> None:
    SteadyCache._away_until.clear()
    guess(alice.email, PAIR.free + 1)
    SteadyCache(valkey, {}).own.clear()
    assert sign_in(client, alice.email, address=HERE).status_code == 429


def at_second_step(person: User, address: str, client: Client | None = None) -> Client:
    client = client or Client(REMOTE_ADDR=address)
    sign_in(client, person.email)
    return client


def test_guesses_of_a_code_are_slowed_by_account_but_not_for_a_known_device(client: Client, alice: User) -> None:
    TOTP.activate(alice, SECRET)
    sign_in(client, alice.email)
    client.post(SECOND_STEP, {"code": code_for()})
    cache.delete(f"allauth.mfa.totp.used?user={alice.pk}&code={code_for()}")
    sign_out(client)
    for address in addresses(CODES_OF_ACCOUNT.free + 1):
        assert at_second_step(alice, address).post(SECOND_STEP, {"code": "000000"}).status_code == 200
    stranger = at_second_step(alice, ELSEWHERE)
    assert stranger.post(SECOND_STEP, {"code": code_for()}).status_code == 429
    at_second_step(alice, HERE, client).post(SECOND_STEP, {"code": code_for()})
    assert is_signed_in(client, alice)
    assert not is_signed_in(stranger, alice)


def test_guesses_of_a_code_from_one_address_are_slowed(alice: User) -> None:
    TOTP.activate(alice, SECRET)
    stranger = at_second_step(alice, HERE)
    said: list[Any] = [stranger.post(SECOND_STEP, {"code": "000000"}) for _ in range(PAIR.free + 2)]
    assert said[-1].status_code == 429
    assert f'href="{SECOND_STEP}"' in said[-1].content.decode()


def test_passwords_are_kept_as_argon2id_and_older_ones_become_it(
    client: Client, db: None, settings: LazySettings
) -> None:
    from backoffice.settings import PASSWORD_HASHERS

    settings.PASSWORD_HASHERS = list(reversed(PASSWORD_HASHERS))
    dora = make_person("dora@acme.test")
    assert dora.password.startswith("pbkdf2_")
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    assert sign_in(client, dora.email)["Location"] == "/"
    dora.refresh_from_db()
    assert dora.password.startswith(f"{Argon2PasswordHasher.algorithm}$argon2id$")
    assert dora.check_password(PASSWORD)


@pytest.mark.parametrize("written", [None, "x", [], {}, True, 10**400, 1e308, float("inf"), float("nan")])
def test_what_others_write_into_the_cache_delays_by_the_slowest_at_most(written: object) -> None:
    lane = Lane("name", PAIR)
    cache.set(lane._until, written)
    assert 0 <= lane.wait() <= PAIR.slowest_seconds + 1
    cache.set("count", written)
    assert any_exceeded({"count": 5}) in (True, False)
