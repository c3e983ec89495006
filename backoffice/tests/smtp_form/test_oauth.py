"""The way to a provider's sign-in page and back, with a real OAuth server and a mail server that checks its tokens."""

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from backoffice.accounts.session_store import StoredSession
from people.models import User
from smtp_settings.choices import State
from smtp_settings.models import Credential, SmtpServer
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

SECOND = "/backoffice/settings/communication/second/"
OWNERS, TENANTS = "/backoffice/settings/communication/", "/whitelabel/email/"

pytestmark = pytest.mark.usefixtures("worker_at_once")


@pytest.fixture
def values(token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer) -> dict[str, object]:
    """What the form posts; the provider knows the redirect URI of the owner's page."""
    oauth_server.redirect_uri = f"http://testserver{OWNERS}signed-in/"
    return {
        **token_smtp_server.fields,
        **oauth_server.fields,
        "switched_on": "on",
        "token_source": "OTHER_SIGN_IN",
        "client_secret": oauth_server.client_secret,
        "sender_name": "Platform",
        "sender_address": "mail@platform.test",
    }


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def begin(console: Client, values: dict[str, object], url: str = OWNERS) -> str:
    """Press "Sign in" and return the address of the provider's page."""
    response = console.post(url, values | {"action": "sign_in"}, follow=True)
    assert "Continue to localhost" in response.content.decode()
    return str(response.context["sign_in_address"])


def visit(address: str) -> str:
    """Sign in and agree at the provider; return where it sends the browser."""
    parts = urlsplit(address)
    with closing(HTTPConnection(parts.netloc)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        location = connection.getresponse().headers["Location"]
    assert location
    return location


def come_back(console: Client, location: str) -> str:
    parts = urlsplit(location)
    return console.get(f"{parts.path}?{parts.query}", follow=True).content.decode()


def test_somebody_signs_in_and_the_server_is_stored(
    console: Client, values: dict[str, object], oauth_server: LoopbackOAuthServer
) -> None:
    shown = come_back(console, visit(begin(console, values)))
    assert "Somebody has signed in at the provider for these values" in shown
    assert not SmtpServer.objects.exists()
    console.post(OWNERS, values | {"action": "save", "client_secret": ""}, follow=True)
    server = SmtpServer.objects.get()
    assert server.state == State.VERIFIED
    assert Credential.unpack(server.open_secret()).refresh_token == oauth_server.issued[0].refresh_token
    assert "Somebody has signed in" not in console.get(OWNERS).content.decode()


def test_the_page_that_has_just_saved_a_sign_in_does_not_ask_to_save_it(
    console: Client, values: dict[str, object]
) -> None:
    come_back(console, visit(begin(console, values)))
    saved = console.post(OWNERS, values | {"action": "save", "client_secret": ""}, follow=True).content.decode()
    assert "One is stored. Leave this empty to keep it" in saved
    assert "until you save" not in saved


def test_signing_in_without_oauth_is_refused_at_the_field(console: Client, values: dict[str, object]) -> None:
    response = console.post(OWNERS, values | {"action": "sign_in", "auth": "PASSWORD", "password": "secret"})
    assert response.status_code == 422
    assert response.context["smtp_form"].errors["auth"] == ["Choose OAuth 2.0 to sign in at a provider."]


def test_a_white_label_signs_in_at_its_own_page(
    client: Client, acme: WhiteLabel, alice: User, values: dict[str, object], oauth_server: LoopbackOAuthServer
) -> None:
    client.force_login(alice)
    oauth_server.redirect_uri = f"http://testserver{TENANTS}signed-in/"
    come_back(client, visit(begin(client, values, TENANTS)))
    client.post(TENANTS, values | {"action": "save"}, follow=True)
    assert SmtpServer.objects.get().scope_key == acme.scope_key
    acme.refresh_from_db()
    assert acme.own_smtp_on


def test_the_platforms_second_server_has_a_way_of_its_own(
    console: Client, values: dict[str, object], oauth_server: LoopbackOAuthServer
) -> None:
    oauth_server.redirect_uri = f"http://testserver{SECOND}signed-in/"
    assert "Somebody has signed in" in come_back(console, visit(begin(console, values, SECOND)))
    assert "Somebody has signed in" not in console.get(OWNERS).content.decode()


def test_the_way_is_proven_by_pkce(
    console: Client, values: dict[str, object], oauth_server: LoopbackOAuthServer
) -> None:
    asked = parse_qs(urlsplit(address := begin(console, values)).query)
    assert asked["code_challenge_method"] == ["S256"]
    location = visit(address)
    next(iter(oauth_server.codes.values())).code_challenge = "x" * 43
    assert "Nobody was signed in" in come_back(console, location)
    assert "code_verifier" in oauth_server.asked[-1]


@pytest.mark.parametrize("state", ["", "stolen", "\u00e4"])
def test_a_state_that_was_not_given_here_is_refused(
    state: str, console: Client, values: dict[str, object], oauth_server: LoopbackOAuthServer
) -> None:
    begin(console, values)
    response = console.get(f"{OWNERS}signed-in/", {"state": state, "code": "x"}, follow=True)
    assert "was not begun in this browser" in response.content.decode()
    assert not oauth_server.asked


def test_anothers_way_back_is_refused(
    console: Client, values: dict[str, object], oauth_server: LoopbackOAuthServer
) -> None:
    location = visit(begin(console, values))
    other = Client()
    other.force_login(User.objects.get())
    assert "was not begun in this browser" in come_back(other, location)
    assert not oauth_server.asked


def test_the_way_back_serves_once(console: Client, values: dict[str, object]) -> None:
    location = visit(begin(console, values))
    come_back(console, location)
    assert "was not begun in this browser" in come_back(console, location)


def test_somebody_elses_white_label_knows_nothing_of_it(
    client: Client, acme: WhiteLabel, globex: WhiteLabel, alice: User, values: dict[str, object]
) -> None:
    globex.admins.add(alice)
    client.force_login(alice)
    begin(client, values, TENANTS)
    assert "Continue to" in client.get(TENANTS).content.decode()
    session = client.session
    session["white_label"] = globex.pk
    session.save()
    assert "Continue to" not in client.get(TENANTS).content.decode()


def test_a_refusal_at_the_provider_is_told(console: Client, values: dict[str, object]) -> None:
    state = parse_qs(urlsplit(begin(console, values)).query)["state"][0]
    shown = console.get(f"{OWNERS}signed-in/", {"state": state, "error": "access_denied"}, follow=True)
    assert "localhost said: access_denied" in shown.content.decode()


def test_what_waits_shows_no_secret(console: Client, values: dict[str, object]) -> None:
    shown = begin(console, values)
    shown += come_back(console, visit(shown))
    kept = str([StoredSession(session.pk).load() for session in Session.objects.all()])
    assert "mail@platform.test" in kept
    assert "canary" not in shown + kept


def test_a_way_that_was_begun_can_be_dropped(console: Client, values: dict[str, object]) -> None:
    begin(console, values)
    assert "Continue to" in console.get(OWNERS).content.decode()
    assert "Continue to" not in console.post(OWNERS, values | {"action": "drop_sign_in"}).content.decode()


def test_charlie_has_no_way_back_to_the_platforms_page(client: Client, charlie: User, globex: WhiteLabel) -> None:
    client.force_login(charlie)
    assert client.get(f"{OWNERS}signed-in/").status_code in (302, 403)
    assert client.post(f"{TENANTS}signed-in/").status_code == 405
