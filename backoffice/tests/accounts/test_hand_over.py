"""Signing in from the host of a white-label's console: at the site, and back."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from backoffice.tests.accounts.steps import FACTORS, LOGIN, is_signed_in, sign_in, sign_out
from backoffice.tests.accounts.test_session_store import database
from people.models import HandOverCode, User
from testing.factories import PASSWORD
from whitelabel.models import WhiteLabel

DESK, OTHER_DESK, SITE = "desk.acme.test", "desk.globex.test", "backoffice.example"
EVIL = "evil.example"


@pytest.fixture(autouse=True)
def _hosts(settings: LazySettings, acme: WhiteLabel, globex: WhiteLabel) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = f"http://{SITE}", [SITE, DESK, OTHER_DESK, "testserver"]
    WhiteLabel.objects.filter(pk=acme.pk).update(console_host=DESK, brand_colour="#0d9488")
    WhiteLabel.objects.filter(pk=globex.pk).update(console_host=OTHER_DESK)


class Browser:
    """Keeps the cookies of each host apart, as browsers do."""

    def __init__(self) -> None:
        self.at = {host: Client(headers={"host": host}) for host in (SITE, DESK, OTHER_DESK)}

    def open(self, url: str) -> Any:
        parts = urlsplit(url)
        return self.at[parts.netloc].get(f"{parts.path}?{parts.query}")

    def depart(self, wanted: str = "/whitelabel/") -> str:
        """Ask for a page of Acme's console; return where at the site that leads."""
        sign_in_there = self.at[DESK].get(wanted, follow=False)
        while sign_in_there["Location"].startswith("/"):
            sign_in_there = self.at[DESK].get(sign_in_there["Location"])
        return sign_in_there["Location"]

    def code_for_desk(self) -> str:
        """Return the address at Acme's console to which somebody who is signed in at the site is sent."""
        return str(self.open(self.depart()).context["address"])


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def signed_in(browser: Browser, alice: User) -> Browser:
    sign_in(browser.at[SITE], alice.email)
    return browser


def test_a_console_sends_to_the_site_for_the_sign_in_which_wears_its_brand(browser: Browser) -> None:
    there = browser.depart()
    assert there.startswith(f"http://{SITE}/accounts/console/{DESK}/?challenge=")
    form = browser.open(there)
    assert form["Location"].startswith(LOGIN)
    page = " ".join(browser.at[SITE].get(form["Location"]).content.decode().split())
    assert "Sign in | Acme Apps" in page
    assert "Acme" not in browser.at[SITE].get(LOGIN).content.decode()


def test_whoever_signs_in_there_comes_back_signed_in_to_the_page_they_wanted(browser: Browser, alice: User) -> None:
    there = browser.open(browser.depart("/whitelabel/applications/"))["Location"]
    wanted = parse_qs(urlsplit(there).query)["next"][0]
    back = browser.at[SITE].post(LOGIN, {"login": alice.email, "password": PASSWORD, "next": wanted})
    going_on = browser.at[SITE].get(back["Location"])
    assert f'content="0; url=http://{DESK}/accounts/arrive/?code=' in going_on.content.decode()
    assert browser.open(going_on.context["address"])["Location"] == "/whitelabel/applications/"
    assert is_signed_in(browser.at[DESK], alice)
    assert browser.at[DESK].get("/whitelabel/applications/").status_code == 200


def test_whoever_is_signed_in_at_the_site_is_not_asked_again(signed_in: Browser, alice: User) -> None:
    assert signed_in.open(signed_in.code_for_desk())["Location"] == "/whitelabel/"
    assert is_signed_in(signed_in.at[DESK], alice)


def test_the_console_of_the_host_is_the_one_that_opens(signed_in: Browser, alice: User, globex: WhiteLabel) -> None:
    globex.admins.add(alice)
    WhiteLabel.objects.filter(pk=globex.pk).update(name="Aardvark")
    signed_in.open(signed_in.code_for_desk())
    assert "Acme Apps" in signed_in.at[DESK].get("/whitelabel/").content.decode()


def test_a_code_signs_in_once(signed_in: Browser) -> None:
    address = signed_in.code_for_desk()
    signed_in.open(address)
    assert signed_in.open(address).status_code == 403


def test_a_code_holds_for_a_minute(signed_in: Browser, alice: User) -> None:
    address = signed_in.code_for_desk()
    with time_machine.travel(time.time() + 61):
        assert signed_in.open(address).status_code == 403
    assert not is_signed_in(signed_in.at[DESK], alice)


def test_a_code_opens_nothing_in_another_browser(signed_in: Browser, alice: User) -> None:
    address, stranger = signed_in.code_for_desk(), Browser()
    stranger.depart()
    assert stranger.open(address).status_code == 403
    assert not is_signed_in(stranger.at[DESK], alice)
    assert signed_in.open(address).status_code == 403  # it was used up


def test_a_code_opens_nothing_at_another_host(signed_in: Browser, alice: User) -> None:
    address = signed_in.code_for_desk()
    signed_in.at[OTHER_DESK].cookies = signed_in.at[DESK].cookies
    assert signed_in.open(address.replace(DESK, OTHER_DESK)).status_code == 403
    assert not is_signed_in(signed_in.at[OTHER_DESK], alice)


def test_a_code_opens_nothing_once_its_person_was_suspended_or_changed_the_password(
    signed_in: Browser, alice: User
) -> None:
    suspended = signed_in.code_for_desk()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert signed_in.open(suspended).status_code == 403
    User.objects.filter(pk=alice.pk).update(is_active=True)
    changed = signed_in.code_for_desk()
    alice.set_password("a whole new word")
    alice.save()
    assert signed_in.open(changed).status_code == 403


def test_a_row_that_was_put_into_the_database_opens_nothing(signed_in: Browser, alice: User) -> None:
    code = parse_qs(urlsplit(signed_in.code_for_desk()).query)["code"][0]
    assert code != HandOverCode.objects.get().hash
    HandOverCode.objects.create(hash="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
    assert signed_in.open(f"http://{DESK}/accounts/arrive/?code=x").status_code == 403


def test_old_codes_are_forgotten(signed_in: Browser) -> None:
    signed_in.code_for_desk()
    with time_machine.travel(time.time() + 61):
        signed_in.code_for_desk()
    assert HandOverCode.objects.count() == 1


def test_neither_code_nor_console_gives_away_a_session_to_who_reads_the_database(signed_in: Browser) -> None:
    address = signed_in.code_for_desk()
    held = database()
    signed_in.open(address)
    keys = [client.session.session_key for client in (signed_in.at[SITE], signed_in.at[DESK])]
    assert not any(str(key) in held + database() for key in keys)


@pytest.mark.parametrize("host", [EVIL, SITE, "testserver", "desk.acme.test.evil.example", f"{DESK}:8000", "%2e"])
def test_nobody_is_sent_to_a_host_that_is_no_console(host: str, signed_in: Browser) -> None:
    challenge = "a" * 64
    assert signed_in.open(f"http://{SITE}/accounts/console/{host}/?challenge={challenge}").status_code == 404


def test_a_console_host_that_is_not_answered_or_archived_gets_no_code(
    signed_in: Browser, settings: LazySettings, acme: WhiteLabel
) -> None:
    there = signed_in.depart()
    WhiteLabel.objects.filter(pk=acme.pk).update(archived_at=timezone.now())
    assert signed_in.open(there).status_code == 404
    WhiteLabel.objects.filter(pk=acme.pk).update(archived_at=None)
    settings.ALLOWED_HOSTS = [SITE]
    assert signed_in.open(there).status_code == 404


@pytest.mark.parametrize(
    "wanted", [f"https://{EVIL}/", f"//{EVIL}/", "javascript:alert(1)", f"http:{EVIL}", r"/\evil.example"]
)
def test_nobody_is_sent_elsewhere_behind_the_console(wanted: str, signed_in: Browser) -> None:
    there = signed_in.at[DESK].get(LOGIN, {"next": wanted})["Location"]
    address = signed_in.open(there).context["address"]
    assert signed_in.open(address)["Location"] == "/"


def test_the_sign_in_leads_to_no_other_host_that_is_answered(signed_in: Browser, alice: User) -> None:
    sign_out(signed_in.at[SITE])
    assert sign_in(signed_in.at[SITE], alice.email, next=f"http://{DESK}/")["Location"] == "/"


def test_without_a_challenge_there_is_no_code(signed_in: Browser) -> None:
    for challenge in ("", "x", "A" * 64, "a" * 65):
        assert signed_in.open(f"http://{SITE}/accounts/console/{DESK}/?challenge={challenge}").status_code == 404


def test_somebody_of_another_white_label_gets_no_code(browser: Browser, charlie: User, owner: User) -> None:
    for person in (charlie, owner):
        sign_in(browser.at[SITE], person.email)
        refused = browser.open(browser.depart())
        assert refused.status_code == 403
        assert "This console is not yours" in refused.content.decode()
        sign_out(browser.at[SITE])
    assert not HandOverCode.objects.exists()


def test_at_a_console_nobody_signs_in_or_changes_factors(browser: Browser, alice: User) -> None:
    desk = browser.at[DESK]
    for page in ("2fa/", "2fa/webauthn/add/", "password/change/", "reauthenticate/", "2fa/webauthn/login/"):
        assert desk.get(f"/accounts/{page}")["Location"] == f"http://{SITE}/accounts/{page}"
    sign_in(desk, alice.email)
    assert not is_signed_in(desk, alice)


def test_to_sign_out_at_the_console_ends_both_sessions(signed_in: Browser, alice: User) -> None:
    signed_in.open(signed_in.code_for_desk())
    sign_out(signed_in.at[DESK])
    assert not is_signed_in(signed_in.at[DESK], alice)
    assert signed_in.at[SITE].get("/")["Location"].startswith(LOGIN)


def test_to_sign_out_at_the_site_ends_the_session_at_the_console(signed_in: Browser) -> None:
    signed_in.open(signed_in.code_for_desk())
    sign_out(signed_in.at[SITE])
    assert signed_in.at[DESK].get("/whitelabel/").status_code == 302


def test_who_works_at_the_console_is_not_idle_at_the_site(signed_in: Browser, settings: LazySettings) -> None:
    signed_in.open(signed_in.code_for_desk())
    now, step = time.time(), settings.SESSION_SECONDS - 60
    for number in (1, 2):
        with time_machine.travel(now + number * step, tick=False):
            assert signed_in.at[DESK].get("/whitelabel/").status_code == 200
            assert signed_in.at[DESK].get("/whitelabel/").status_code == 200
    with time_machine.travel(now + 2 * step + 60, tick=False):
        assert signed_in.at[SITE].get("/whitelabel/").status_code == 200


def test_whoever_is_removed_is_out_at_the_console_at_once(signed_in: Browser, alice: User, acme: WhiteLabel) -> None:
    signed_in.open(signed_in.code_for_desk())
    acme.admins.remove(alice)
    assert signed_in.at[DESK].get("/whitelabel/").status_code != 200


def test_a_console_that_demands_a_second_factor_says_so_at_the_site_first(signed_in: Browser, acme: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(second_factor_required=True)
    assert signed_in.open(signed_in.depart())["Location"] == FACTORS
    assert "Acme asks for one" in signed_in.at[SITE].get(FACTORS).content.decode()
    assert not HandOverCode.objects.exists()
