"""Who comes to a door with a secret."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gateway.choices import Fault, Maker
from gateway.keys import throttle
from gateway.keys.authentication import Refusal, authenticate
from gateway.models import Key
from gateway.secret import new_prefix, new_secret
from people.models import User
from testing.factories import make_application, make_key_and_secret
from whitelabel.models import Application, WhiteLabel

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
KINDS = ["unknown", "shapeless", "empty", "wrong secret", "revoked", "expired", "stopped", "elsewhere"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def secret_of(shop: Application, alice: User, charlie: User) -> Callable[[str], str]:
    """Return a secret that is refused at `HOME` for the reason that is asked for."""

    def make(kind: str) -> str:
        networks = "198.51.100.0/24" if kind == "elsewhere" else ""
        key, secret = make_key_and_secret(shop, alice, networks=networks)
        if kind == "revoked":
            key.revoke(by=alice)
        if kind == "expired":
            ended = timezone.now() - timedelta(days=3)
            with time_machine.travel(ended):
                return make_key_and_secret(shop, alice, name="Other", ends_on=ended.date())[1]
        if kind == "stopped":
            shop.hand_over(charlie, previous=alice.pk)
        other = {"unknown": new_secret(new_prefix()), "shapeless": "hunter2", "empty": "", "wrong secret": f"{secret}x"}
        return other.get(kind, secret)

    return make


def test_the_right_secret_opens(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    opened = authenticate(secret, HOME)
    assert opened == key
    assert opened.application == shop


def test_blanks_around_a_pasted_secret_do_no_harm(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    assert authenticate(f" {secret}\r\n", HOME) == key


def test_an_open_door_costs_one_query(shop: Application, alice: User) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    authenticate(secret, HOME)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        key = authenticate(secret, HOME)
        assert isinstance(key, Key)
        assert key.application == shop
    assert len(queries) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_wrong_key_gets_the_same_answer_for_the_same_work(kind: str, secret_of: Callable[[str], str]) -> None:
    secret = secret_of(kind)
    with CaptureQueriesContext(connection) as queries:
        assert authenticate(secret, HOME) is Refusal.WRONG_KEY
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "UPDATE"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_opened_and_compared_whatever_is_wrong(
    kind: str, secret_of: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, compared, matches = secret_of(kind), list[str](), Key.matches

    def noting(key: Key, typed: str) -> bool:
        compared.append(typed)
        return matches(key, typed)

    monkeypatch.setattr(Key, "matches", noting)
    authenticate(secret, HOME)
    assert compared == [secret]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("wrong secret", Fault.SECRET),
        ("revoked", Fault.REVOKED),
        ("expired", Fault.ENDED),
        ("stopped", Fault.STOPPED),
        ("elsewhere", Fault.NETWORK),
    ],
)
def test_the_page_of_the_key_learns_why_and_from_where(
    kind: str, fault: Fault, secret_of: Callable[[str], str]
) -> None:
    secret = secret_of(kind)
    authenticate(secret, HOME)
    key = Key.objects.get(prefix=secret.split("_")[2])
    assert (key.refusal, key.refused_from) == (fault, HOME)
    assert key.refused_at is not None
    assert key.used_at is None


def test_a_key_opens_from_its_networks_alone(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice, networks="198.51.100.0/24 2001:db8::/32")
    assert authenticate(secret, "::ffff:198.51.100.9") == authenticate(secret, "2001:db8::1") == key
    assert authenticate(secret, HOME) is authenticate(secret, "") is Refusal.WRONG_KEY


def test_a_revoked_key_opens_nothing_from_the_next_moment_on(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    authenticate(secret, HOME)
    key.revoke(by=alice)
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_the_last_use_is_noted_with_its_address(shop: Application, alice: User) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    authenticate(secret, HOME)
    assert Key.objects.get().used_from == HOME


def test_refusals_are_written_once_a_minute(shop: Application, alice: User) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    for number in range(5):
        authenticate(f"{secret}x", f"203.0.113.{number}")
    assert Key.objects.get().refused_from == "203.0.113.0"


def test_another_reason_is_written_at_once(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    authenticate(f"{secret}x", HOME)
    key.revoke(by=alice)
    authenticate(secret, ELSEWHERE)
    assert Key.objects.get().refusal == Fault.REVOKED


def test_hostile_texts_are_wrong_keys(db: None) -> None:
    for typed in ("\0", "\ud800", "bo_mail_" + "a" * 12 + "_\0", "x" * 1_000_000, "bo_mail_' OR 1=1 --_"):
        assert authenticate(typed, HOME) is Refusal.WRONG_KEY


def test_keys_of_the_platform_open_too(owner: User) -> None:
    key, secret = make_key_and_secret(None, owner, Maker.PLATFORM)
    assert authenticate(secret, HOME) == key


def test_the_key_of_the_seal_may_change(settings: LazySettings, shop: Application, alice: User) -> None:
    settings.SECRETS_KEYS = [b"o" * 32]
    key, secret = make_key_and_secret(shop, alice)
    settings.SECRETS_KEYS = [b"n" * 32, b"o" * 32]
    assert authenticate(secret, HOME) == key
    settings.SECRETS_KEYS = [b"n" * 32]
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_after_many_wrong_keys_an_address_is_not_even_looked_up(shop: Application, alice: User) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    answers = [authenticate(new_secret(new_prefix()), HOME) for _ in range(throttle.WRONG_FROM_ADDRESS + 2)]
    assert answers[:-1] == [Refusal.WRONG_KEY] * (throttle.WRONG_FROM_ADDRESS + 1)
    with CaptureQueriesContext(connection) as queries:
        assert authenticate(secret, HOME) is answers[-1] is Refusal.TOO_MANY
    assert len(queries) == 0
    assert isinstance(authenticate(secret, ELSEWHERE), Key)


def test_after_a_minute_it_is_looked_up_again(shop: Application, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "SECONDS", 2)  # the cache counts by a clock of its own
    secret = make_key_and_secret(shop, alice)[1]
    for _ in range(throttle.WRONG_FROM_ADDRESS + 1):
        authenticate("wrong", HOME)
    stopped = authenticate(secret, HOME)
    time.sleep(2.2)
    assert (stopped, type(authenticate(secret, HOME))) == (Refusal.TOO_MANY, Key)


def test_a_neighbours_wrong_keys_do_not_stop_a_key_that_works_there(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    authenticate(secret, HOME)
    for _ in range(throttle.WRONG_FROM_ADDRESS + 5):
        authenticate("wrong", HOME)
    assert authenticate("wrong", HOME) is Refusal.TOO_MANY
    assert authenticate(secret, HOME) == key


def test_it_goes_on_working_at_every_address_of_a_busy_application(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    assert authenticate(secret, HOME) == authenticate(secret, ELSEWHERE) == key  # within one minute
    for _ in range(throttle.WRONG_FROM_ADDRESS + 1):
        authenticate("wrong", ELSEWHERE)
    assert authenticate("wrong", ELSEWHERE) is Refusal.TOO_MANY
    assert authenticate(secret, ELSEWHERE) == key


def test_a_stranger_who_knows_the_prefix_locks_nobody_out(shop: Application, alice: User) -> None:
    key, secret = make_key_and_secret(shop, alice)
    authenticate(secret, HOME)
    for number in range(throttle.WRONG_FOR_KEY + 2):
        authenticate(f"{secret}x", f"198.51.{number}.9")
    assert authenticate(f"{secret}x", "192.0.2.1") is Refusal.TOO_MANY
    assert authenticate(secret, HOME) == authenticate(secret, "192.0.2.2") == key


def test_all_processes_count_together(shop: Application, alice: User) -> None:
    for _ in range(throttle.WRONG_FROM_ADDRESS + 1):
        authenticate("wrong", HOME)
        throttle.forget()
    assert authenticate("wrong", HOME) is Refusal.WRONG_KEY
    assert authenticate("wrong", HOME) is Refusal.TOO_MANY


def test_what_a_process_watches_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "WATCHED_MAX", 50)
    for number in range(200):
        throttle.count_wrong("", f"203.0.113.{number}")
    assert len(throttle._watched) <= 51
