"""Signing in with an organisation's account, at a real provider over HTTP: whom it signs in, and what is refused."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.conf import LazySettings
from django.test import Client
from joserfc.jwk import RSAKey
from pytest_django.live_server_helper import LiveServer

from backoffice.accounts import organisation
from backoffice.accounts.organisation import FAILED, UNKNOWN, UNVERIFIED
from backoffice.tests.accounts.steps import LOGIN, SECOND_STEP, SECRET, code_for
from people.models import AuditEntry, User
from testing.servers.openid import LoopbackOpenIdProvider
from whitelabel.models import WhiteLabel

START, CALLBACK = "/accounts/organisation/", "/accounts/organisation/callback/"
NAME = "Example Corp"


@pytest.fixture
def provider(live_server: LiveServer, settings: LazySettings, alice: User) -> Iterator[LoopbackOpenIdProvider]:
    """A provider that the settings name, at which Alice is signed in."""
    server = LoopbackOpenIdProvider()
    server.redirect_uri = f"{live_server.url}{CALLBACK}"
    server.claims = {"sub": "7", "email": alice.email, "email_verified": True}
    settings.SITE_URL, settings.OIDC_ISSUER, settings.OIDC_NAME = live_server.url, server.issuer, NAME
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = server.client_id, server.client_secret
    yield server
    server.stop()


@pytest.fixture
def browser(live_server: LiveServer) -> Iterator[httpx.Client]:
    """An HTTP client that keeps cookies and follows redirects."""
    with httpx.Client(base_url=live_server.url, follow_redirects=True) as client:
        yield client


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/whitelabel/").url.path == "/whitelabel/"


def refused(browser: httpx.Client, why: str) -> bool:
    """Try to sign in; return whether it was refused with that sentence."""
    answer = browser.get(START)
    return answer.status_code == 403 and why.format(name=NAME) in answer.text and not is_in(browser)


def answer_to(browser: httpx.Client) -> str:
    """Return the address to which the provider sends the browser back."""
    there = browser.get(START, follow_redirects=False).headers["Location"]
    return str(browser.get(there, follow_redirects=False).headers["Location"])


def test_it_is_off_and_answers_nothing_unless_the_settings_name_a_provider(client: Client, db: None) -> None:
    assert client.get(START).status_code == 404
    assert client.get(CALLBACK).status_code == 404
    assert START not in client.get(LOGIN).content.decode()
    for page in ("3rdparty/", "3rdparty/signup/", "oidc/organisation/login/", "social/signup/"):
        assert client.get(f"/accounts/{page}").status_code == 404


def test_somebody_who_is_here_signs_in_and_lands_where_they_wanted(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, alice: User, acme: WhiteLabel
) -> None:
    page = browser.get("/whitelabel/applications/")
    assert f"Sign in with {NAME}" in page.text
    arrived = browser.get(f"{START}?next=/whitelabel/applications/")
    assert (arrived.url.path, arrived.status_code) == ("/whitelabel/applications/", 200)
    assert AuditEntry.objects.filter(act="sign_in", person=alice).exists()
    assert not SocialAccount.objects.exists()
    alice.refresh_from_db()
    assert alice.has_usable_password()


def test_nobody_is_sent_to_another_site_afterwards(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, acme: WhiteLabel
) -> None:
    assert browser.get(f"{START}?next=https://evil.example/").url.path == "/whitelabel/"


def test_the_second_step_is_still_asked_for(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    TOTP.activate(alice, SECRET)
    asked = browser.get(START)
    assert asked.url.path == SECOND_STEP
    assert not is_in(browser)
    token = {"csrfmiddlewaretoken": browser.cookies[settings.CSRF_COOKIE_NAME], "code": code_for()}
    browser.post(SECOND_STEP, data=token, headers={"Referer": str(asked.url)})
    assert is_in(browser)


def test_it_is_not_asked_for_again_where_the_provider_is_trusted_with_it(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    settings.OIDC_SECOND_FACTOR_TRUSTED = True
    TOTP.activate(alice, SECRET)
    browser.get(START)
    assert is_in(browser)


@pytest.mark.parametrize(("trusted", "lands"), [(True, "/whitelabel/"), (False, "/accounts/2fa/")])
def test_a_trusted_provider_is_a_second_factor_where_one_is_demanded(
    trusted: bool,
    lands: str,
    provider: LoopbackOpenIdProvider,
    browser: httpx.Client,
    acme: WhiteLabel,
    settings: LazySettings,
) -> None:
    settings.OIDC_SECOND_FACTOR_TRUSTED = trusted
    WhiteLabel.objects.filter(pk=acme.pk).update(second_factor_required=True)
    assert browser.get(START).url.path == lands


def test_trust_is_for_who_came_from_there_alone(
    provider: LoopbackOpenIdProvider, client: Client, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    settings.OIDC_SECOND_FACTOR_TRUSTED = True
    WhiteLabel.objects.filter(pk=acme.pk).update(second_factor_required=True)
    client.force_login(alice)
    assert client.get("/whitelabel/")["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": None}, {"email_verified": "false"}])
def test_an_address_that_the_provider_has_not_verified_is_refused(
    said: dict[str, Any], provider: LoopbackOpenIdProvider, browser: httpx.Client, acme: WhiteLabel
) -> None:
    provider.claims |= said
    assert refused(browser, UNVERIFIED)


@pytest.mark.parametrize("email", ["stranger@acme.test", "al\u0131ce@acme.test", "", ["alice@acme.test"]])
def test_an_address_that_nobody_has_here_is_refused_and_nobody_is_made(
    email: object, provider: LoopbackOpenIdProvider, browser: httpx.Client, acme: WhiteLabel
) -> None:
    before = User.objects.count()
    provider.claims["email"] = email
    assert refused(browser, UNKNOWN)
    assert User.objects.count() == before


def test_somebody_who_may_not_sign_in_is_refused(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, alice: User, acme: WhiteLabel
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refused(browser, UNKNOWN)


def _another_issuer(provider: LoopbackOpenIdProvider) -> None:
    provider.id_token["iss"] = "https://evil.example"


def _another_audience(provider: LoopbackOpenIdProvider) -> None:
    provider.id_token["aud"] = "client-2"


def _another_nonce(provider: LoopbackOpenIdProvider) -> None:
    provider.id_token["nonce"] = "replayed"


def _another_audience_as_well(provider: LoopbackOpenIdProvider) -> None:
    provider.id_token["aud"] = [provider.client_id, "client-2"]


def _another_authorized_party(provider: LoopbackOpenIdProvider) -> None:
    provider.id_token["azp"] = "client-2"


def _a_token_without_end(provider: LoopbackOpenIdProvider) -> None:
    provider.omitted.add("exp")


def _old_token(provider: LoopbackOpenIdProvider) -> None:
    provider.id_token["exp"] = 1_700_000_000


def _another_key(provider: LoopbackOpenIdProvider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"})


def _another_description(provider: LoopbackOpenIdProvider) -> None:
    provider.description["issuer"] = "https://evil.example"


def _another_person(provider: LoopbackOpenIdProvider) -> None:
    provider.user_info["sub"] = "8"


def _no_grant(provider: LoopbackOpenIdProvider) -> None:
    provider.refuse("invalid_grant")


def _nonsense(provider: LoopbackOpenIdProvider) -> None:
    provider.answer(200, b'{"access_token": "a", "id_token": "x"}')


def _no_id_token(provider: LoopbackOpenIdProvider) -> None:
    provider.answer(200, b'{"access_token": "a"}')


def _no_address(provider: LoopbackOpenIdProvider) -> None:
    provider.claims["email"] = 7


def _away(provider: LoopbackOpenIdProvider) -> None:
    provider.stop()


@pytest.mark.parametrize(
    "misbehave",
    [
        _another_issuer, _another_audience, _another_audience_as_well, _another_authorized_party, _another_nonce,
        _old_token, _a_token_without_end, _another_key, _another_description, _another_person, _no_grant, _nonsense,
        _no_id_token, _no_address, _away,
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused_and_the_log_says_so(
    misbehave: Callable[[LoopbackOpenIdProvider], None],
    provider: LoopbackOpenIdProvider,
    browser: httpx.Client,
    acme: WhiteLabel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    misbehave(provider)
    assert refused(browser, FAILED)
    assert "A sign-in with" in caplog.text


def test_an_answer_to_another_browser_or_a_second_time_is_refused(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, live_server: LiveServer, acme: WhiteLabel
) -> None:
    answer = answer_to(browser)
    with httpx.Client(base_url=live_server.url, follow_redirects=True) as stranger:
        assert stranger.get(answer).status_code == 403
        assert not is_in(stranger)
    assert browser.get(answer.replace("state=", "state=x")).status_code == 403
    browser.get(answer)
    assert is_in(browser)
    browser.cookies.clear()
    assert browser.get(answer).status_code == 403


def test_the_exchange_has_state_nonce_and_pkce_and_no_parameter_of_the_visitor(
    provider: LoopbackOpenIdProvider, browser: httpx.Client
) -> None:
    there = browser.get(
        f"{START}?auth_params=prompt%3Dnone%26nonce%3Dx&scope=admin&process=connect", follow_redirects=False
    )
    asked = parse_qs(urlsplit(there.headers["Location"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in asked
    assert len(asked["nonce"][0]) > 20
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [provider.redirect_uri]
    assert len(asked["state"][0]) >= 16


def test_a_stranger_begins_so_many_sign_ins_a_minute_and_no_more(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organisation, "STARTS_A_MINUTE", 2)
    answers = [browser.get(START, follow_redirects=False) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[2].headers["Retry-After"] == "60"


def test_rows_in_the_database_name_no_provider_and_link_nobody(
    provider: LoopbackOpenIdProvider, browser: httpx.Client, alice: User, owner: User, acme: WhiteLabel
) -> None:
    app = {"provider": "openid_connect", "provider_id": "organisation", "name": "Evil", "client_id": "evil"}
    SocialApp.objects.create(**app, settings={"server_url": "https://evil.example"})
    SocialAccount.objects.create(user=owner, provider="organisation", uid="7")
    browser.get(START)
    assert is_in(browser)
    assert browser.get("/backoffice/").status_code == 403
    assert AuditEntry.objects.filter(act="sign_in", person=alice).exists()
