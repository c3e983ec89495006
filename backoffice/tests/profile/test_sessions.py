"""Sessions: listed with device and address, ended by whose they are and by nobody else."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.accounts.session_store import row_of
from backoffice.profile.devices import device
from backoffice.tests.accounts.test_second_factor import activate
from people.models import AuditEntry, User
from testing.factories import PASSWORD
from whitelabel.models import WhiteLabel

PROFILE = "/accounts/profile/"
LOGIN = "/accounts/login/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def sign_in(person: User, user_agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    client = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    assert client.post(LOGIN, {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(PROFILE).status_code == 200


def session_of(client: Client) -> UserSession:
    session: UserSession = UserSession.objects.get(session_key=row_of(client.session.session_key or ""))
    return session


def end(client: Client, session: UserSession) -> int:
    return client.post(f"{PROFILE}sessions/{session.pk}/end/").status_code


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        (CHROME, "Chrome on Linux"),
        (CHROME + " Edg/140.0.0.0", "Edge on Linux"),
        (CHROME.replace("X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7"), "Chrome on macOS"),
        (CHROME.replace("X11; Linux x86_64", "Linux; Android 15; Pixel 9"), "Chrome on Android"),
        (IPHONE.replace("Version/18.5", "CriOS/140.0"), "Chrome on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown browser"),
        ("<script>alert(1)</script>", "Unknown browser"),
    ],
)
def test_a_device_is_named_in_plain_words(user_agent: str, words: str) -> None:
    assert device(user_agent) == words


def test_each_session_is_listed_with_device_and_address(alice: User) -> None:
    here = sign_in(alice)
    sign_in(alice, IPHONE, "2001:db8::7")
    page = here.get(PROFILE).content.decode()
    assert "Safari on iPhone" in page
    assert "From 2001:db8::7<" in page
    assert page.index("This device") < page.index("Safari on iPhone")


def test_one_session_is_ended(alice: User) -> None:
    here, there, third = sign_in(alice), sign_in(alice, IPHONE), sign_in(alice, CHROME)
    assert end(here, session_of(there)) == 302
    assert "Ended: Safari on iPhone is signed out." in here.get(PROFILE).content.decode()
    assert [is_signed_in(client) for client in (here, there, third)] == [True, False, True]


def test_all_other_sessions_are_ended(alice: User, bob: User) -> None:
    here, others, bobs = sign_in(alice), [sign_in(alice) for _ in range(3)], sign_in(bob)
    here.post(f"{PROFILE}sessions/end-others/")
    assert is_signed_in(here)
    assert not any(is_signed_in(client) for client in others)
    assert is_signed_in(bobs)


def test_the_session_that_asks_may_end_itself(alice: User) -> None:
    here = sign_in(alice)
    assert end(here, session_of(here)) == 302
    assert not is_signed_in(here)
    assert not UserSession.objects.exists()


def test_the_session_of_somebody_else_is_not_there(alice: User, charlie: User) -> None:
    alices, charlies = sign_in(alice), sign_in(charlie)
    assert end(charlies, session_of(alices)) == 404
    assert end(Client(), session_of(alices)) == 302
    assert charlies.post(f"{PROFILE}sessions/{10**40}/end/").status_code == 404
    assert is_signed_in(alices)
    assert "192.0.2.1" in charlies.get(PROFILE).content.decode()


def test_a_session_is_ended_by_a_post_alone(alice: User) -> None:
    here, there = sign_in(alice), sign_in(alice)
    assert here.get(f"{PROFILE}sessions/{session_of(there).pk}/end/").status_code == 405
    assert here.get(f"{PROFILE}sessions/end-others/").status_code == 405
    assert is_signed_in(there)


@pytest.mark.usefixtures("cache_of_the_process")
def test_when_it_was_last_seen_is_written_once_a_minute(alice: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client = sign_in(alice)
        client.get("/")
        for seconds in (20, 20, 30):
            clock.shift(timedelta(seconds=seconds))
            with CaptureQueriesContext(connection) as queries:
                client.get("/")
            writes = [each["sql"] for each in queries if each["sql"].startswith('UPDATE "usersessions')]
            assert len(writes) == (seconds == 30)
    assert session_of(client).last_seen_at == start + timedelta(seconds=70)


def test_a_session_without_a_row_gets_one_when_it_is_seen(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.get("/")
    assert session_of(client).user == alice


def test_a_session_whose_key_changes_stays_the_same_one(alice: User) -> None:
    client = sign_in(alice)
    before, key = session_of(client), client.session.session_key
    activate(client)
    assert client.session.session_key != key
    assert session_of(client) == before
    assert UserSession.objects.count() == 1


def test_a_sign_in_where_one_is_signed_in_leaves_one_session(alice: User) -> None:
    client = sign_in(alice)
    client.get("/accounts/logout/")
    client.post("/accounts/logout/")
    client.post(LOGIN, {"login": alice.email, "password": PASSWORD})
    assert [*UserSession.objects.all()] == [session_of(client)]


def test_a_session_that_is_over_is_not_listed(alice: User) -> None:
    here, there = sign_in(alice), sign_in(alice, IPHONE)
    Session.objects.filter(session_key=session_of(there).session_key).delete()
    assert "Safari on iPhone" not in here.get(PROFILE).content.decode()
    assert UserSession.objects.count() == 1


def test_a_session_of_before_a_new_secret_key_is_listed_and_goes_on(alice: User, settings: LazySettings) -> None:
    here, there = sign_in(alice), sign_in(alice, IPHONE)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a newer key " * 5
    assert "Safari on iPhone" in here.get(PROFILE).content.decode()
    assert [is_signed_in(client) for client in (here, there)] == [True, True]


def test_a_session_that_was_ended_is_in_the_audit_log(alice: User) -> None:
    here, there = sign_in(alice), sign_in(alice, IPHONE, "192.0.2.9")
    end(here, session_of(there))
    entry = AuditEntry.objects.get(act="session.end")
    assert entry.person == alice
    assert entry.changes[0]["before"] == "Safari on iPhone, 192.0.2.9"


def test_no_page_shows_the_key_of_a_session(alice: User) -> None:
    here, there = sign_in(alice), sign_in(alice)
    page = here.get(PROFILE).content.decode()
    assert not any(str(client.session.session_key) in page for client in (here, there))


def test_who_is_shut_out_is_out_at_the_next_request(alice: User, acme: WhiteLabel) -> None:
    client = sign_in(alice)
    alice.archive()
    for page in (PROFILE, f"{PROFILE}email/", "/whitelabel/", "/"):
        assert client.get(page).status_code == 302
    assert client.post(f"{PROFILE}name/", {"name": "Still here"})["Location"].startswith(LOGIN)
    assert Client().post(LOGIN, {"login": alice.email, "password": PASSWORD})["Location"] == "/accounts/inactive/"
