"""The provider's part of the SMTP form, on both pages. Alice administers Acme; the owner the platform."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from backoffice.smtp_form import provider
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpCheck, SmtpServer
from testing import factories
from testing.servers.dns import LoopbackDnsServer
from whitelabel.models import WhiteLabel

PLATFORM, WHITE_LABEL = "/backoffice/settings/communication/", "/whitelabel/email/"
NEW = {"host": "", "port": "587", "security": "STARTTLS", "auth": "PASSWORD", "username": ""}

pytestmark = pytest.mark.usefixtures("dns_server")


@pytest.fixture(params=[PLATFORM, WHITE_LABEL], ids=["platform", "white-label"])
def url(request: pytest.FixtureRequest, client: Client, owner: User, alice: User, acme: WhiteLabel) -> str:
    """The address of each page in turn, with its person signed in."""
    client.force_login(owner if request.param == PLATFORM else alice)
    return str(request.param)


def find(client: Client, url: str, address: str = "", action: str = "find", htmx: bool = True, **typed: Any) -> str:
    """Ask as the page does; return what is shown."""
    data = NEW | {"action": action, "sender_address": address} | typed
    response: Any = client.post(url, data, headers={"hx-request": "true"} if htmx else {})
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def changes(shown: str) -> dict[str, list[str]]:
    found = re.search(r'data-changes="(\{.*?\})"', shown)
    assert found
    return dict(json.loads(found.group(1)))


def after(shown: str) -> dict[str, Any]:
    """Return the values of the form once the changes are made."""
    return {name: value for name, (_, value) in changes(shown).items()}


def suggested(shown: str) -> str:
    found = re.search(r'name="suggested" value="(\[.*?\])"', shown)
    assert found
    return found.group(1)


def test_the_address_fills_in_host_port_encryption_and_username(client: Client, url: str) -> None:
    shown = find(client, url, "someone@yahoo.com")
    assert changes(shown) == {
        "host": ["", "smtp.mail.yahoo.com"],
        "port": ["587", "465"],
        "security": ["STARTTLS", "IMPLICIT_TLS"],
        "username": ["", "someone@yahoo.com"],
    }
    assert "Make an app password; Yahoo refuses the password of the account." in shown
    assert "Found by the domain yahoo.com. Filled in: host, port, encryption, username." in shown
    assert "587 (STARTTLS)" in shown
    assert 'href="https://help.yahoo.com/kb/SLN15241.html"' in shown
    assert shown.lstrip().startswith('<div id="smtp-provider"')


def test_without_javascript_the_whole_form_comes_back_filled(client: Client, url: str) -> None:
    shown = find(client, url, "someone@yahoo.com", htmx=False, sender_name="Kept Name")
    assert 'value="smtp.mail.yahoo.com"' in shown
    assert '<option value="IMPLICIT_TLS" selected>' in shown
    assert "Kept Name" in shown
    assert "Make an app password" in shown


def test_looking_stores_and_checks_nothing(client: Client, url: str) -> None:
    find(client, url, "someone@yahoo.com", password="canary-991", switched_on="on")
    assert not SmtpServer.objects.exists()
    assert not SmtpCheck.objects.exists()


def test_the_mail_exchanger_tells_the_provider(client: Client, url: str, dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "1 aspmx.l.google.com.")
    shown = find(client, url, "info@acme.test")
    assert "Google Workspace" in shown
    assert "Found by the MX record of acme.test." in shown
    assert "2000 messages a day" in shown


def test_a_provider_is_chosen_by_its_name(client: Client, url: str) -> None:
    shown = find(client, url, "info@acme.test", provider="sendgrid")
    assert changes(shown)["username"] == ["", "apikey"]
    assert "The username is the word apikey itself" in shown


def test_a_region_is_a_choice(client: Client, url: str) -> None:
    first = find(client, url, "info@acme.test", provider="Amazon SES")
    assert changes(first)["host"][1] == "email-smtp.us-east-1.amazonaws.com"
    filled = after(first)
    filled |= {"region_shown": "ses/us-east-1", "region": "ses/eu-central-1", "suggested": suggested(first)}
    second = find(client, url, "info@acme.test", provider="Amazon SES", **filled)
    assert changes(second) == {"host": ["email-smtp.us-east-1.amazonaws.com", "email-smtp.eu-central-1.amazonaws.com"]}
    assert '<option value="ses/eu-central-1" selected>' in second


def test_a_region_of_another_provider_is_no_choice(client: Client, url: str) -> None:
    shown = find(client, url, "", provider="SparkPost", region="ses/eu", region_shown="ses/us-east-1")
    assert changes(shown)["host"][1] == "smtp.sparkpostmail.com"


def test_what_was_typed_is_kept_until_one_says_otherwise(client: Client, url: str) -> None:
    typed: dict[str, Any] = {"host": "smtp.acme.test", "username": "mine"}
    kept = find(client, url, "someone@yahoo.com", **typed)
    assert changes(kept) == {}
    assert "What you typed was kept. Suggested instead: host smtp.mail.yahoo.com, port 465" in kept
    replaced = find(client, url, "someone@yahoo.com", action="replace", **typed)
    assert changes(replaced)["host"] == ["smtp.acme.test", "smtp.mail.yahoo.com"]
    assert "What you typed was kept" not in replaced


def test_another_address_replaces_what_the_first_one_filled_in(client: Client, url: str) -> None:
    first = find(client, url, "someone@yahoo.com")
    filled = after(first)
    second = find(client, url, "someone@icloud.com", **filled, suggested=suggested(first))
    assert changes(second)["host"] == ["smtp.mail.yahoo.com", "smtp.mail.me.com"]
    assert changes(second)["username"] == ["someone@yahoo.com", "someone@icloud.com"]


@pytest.mark.parametrize("forged", ["", "{", "5", "[1]", '{"host": "x"}', '[["a"], {}, null, 5]'])
def test_what_the_page_carries_may_be_anything(forged: str, client: Client, url: str) -> None:
    assert changes(find(client, url, "someone@yahoo.com", suggested=forged))


@pytest.mark.parametrize(
    ("address", "typed", "said"),
    [
        ("info@unknown.test", {}, "Nothing is known about unknown.test"),
        ("info", {}, "Type the sender's address"),
        ("info@acme.test", {"provider": "zoho"}, "No provider of this name is known, or several are"),
        ("<b>@x", {"provider": "<script>"}, "No provider of this name"),
    ],
)
def test_what_is_not_found_is_said_and_changes_nothing(
    address: str, typed: dict[str, Any], said: str, client: Client, url: str
) -> None:
    shown = find(client, url, address, **typed)
    assert said in shown
    assert changes(shown) == {}


def test_a_provider_without_passwords_chooses_oauth(client: Client, url: str) -> None:
    shown = find(client, url, "someone@hotmail.com")
    assert changes(shown)["auth"] == ["PASSWORD", "XOAUTH2"]
    assert changes(shown)["token_source"] == ["", "MICROSOFT_SIGN_IN"]
    assert "Filled in: host, username, authentication, where tokens come from." in shown


def test_an_empty_address_says_nothing(client: Client, url: str) -> None:
    assert 'class="note"' not in find(client, url, "")


def test_many_look_ups_in_a_minute_are_refused_but_names_still_work(
    client: Client, url: str, dns_server: LoopbackDnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "LOOK_UPS_PER_MINUTE", 1)
    find(client, url, "info@one.test")
    asked = len(dns_server.queries)
    assert "Wait a minute" in find(client, url, "info@two.test")
    assert len(dns_server.queries) == asked
    assert "SendGrid" in find(client, url, "info@two.test", provider="SendGrid")


def test_what_lies_inside_the_network_is_as_unknown_as_nothing(
    client: Client, url: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("smtp.inner.test", "A", "10.0.0.5")
    inner, nothing = find(client, url, "a@inner.test"), find(client, url, "a@absent.test")
    assert inner.replace("inner.test", "absent.test") == nothing


def test_white_labels_are_shown_no_port_that_they_may_not_use(client: Client, url: str) -> None:
    shown = find(client, url, "", provider="SMTP2GO")
    assert ("8025" in shown) == (url == PLATFORM)


def test_the_address_is_the_first_field_and_every_provider_can_be_chosen(client: Client, url: str) -> None:
    shown = client.get(url).content.decode()
    names = ("sender_address", "provider", "host", "port", "security", "username", "password", "sender_name")
    scopes = [shown.index(f'name="{name}"') for name in names]
    assert scopes == sorted(scopes)
    assert shown.count("<option value=") > 40
    assert '<option value="Mailgun">' in shown


def test_a_hint_comes_before_anything_is_sent_and_gives_way_to_insisting(client: Client, url: str) -> None:
    typed = NEW | {"host": "email-smtp.eu-west-1.amazonaws.com", "username": "me", "password": "x" * 20}
    typed |= {"action": "check", "sender_address": "info@acme.test"}
    shown = html.unescape(client.post(url, typed).content.decode())
    assert "begins with AKIA" in shown
    assert 'name="insisted" value="ses.username"' in shown
    assert not SmtpCheck.objects.exists()


def test_a_stored_server_shows_its_provider_and_a_dated_warning(client: Client, url: str, acme: WhiteLabel) -> None:
    microsoft: dict[str, Any] = {"host": "smtp.office365.com", "port": 587, "secret": "secret"}
    if url == PLATFORM:
        factories.switch_on_platform_smtp(factories.make_server(**microsoft))
    else:
        factories.give_own_smtp(acme, factories.make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, **microsoft))
    shown = client.get(url).content.decode()
    assert "smtp.office365.com is a server of Microsoft 365." in shown
    assert shown.count("December 2026") == 1


def test_the_dashboard_names_servers_that_a_dated_warning_concerns(
    client: Client, owner: User, acme: WhiteLabel
) -> None:
    client.force_login(owner)
    assert "December 2026" not in client.get("/backoffice/").content.decode()
    server = factories.make_server(
        Policy.WHITE_LABEL, scope_key=acme.scope_key, host="smtp.office365.com", port=587, secret="secret"
    )
    factories.give_own_smtp(acme, server)
    shown = client.get("/backoffice/").content.decode()
    assert "December 2026" in shown
    assert "Acme" in shown


@pytest.mark.parametrize(("host", "warned"), [("smtp.mail.yahoo.com", False), ("smtp.aol.com", True), ("x.test", True)])
def test_a_free_mail_sender_is_no_fault_on_its_providers_own_server(
    host: str, warned: bool, client: Client, owner: User
) -> None:
    client.force_login(owner)
    values = {"host": host, "port": 465, "security": "IMPLICIT_TLS", "sender_address": "a@yahoo.com"}
    check = SmtpCheck.objects.create(
        kind="PREFLIGHT", scope_key="platform", policy="PLATFORM", status="PASSED", person=owner, values=values
    )
    shown = client.get(f"{PLATFORM}?check={check.pk}").content.decode()
    assert ("will take its mail for forged" in shown) == warned


def test_charlie_is_shown_nothing_of_acme(
    client: Client, alice: User, charlie: User, globex: WhiteLabel, acme: WhiteLabel
) -> None:
    server = factories.make_server(
        Policy.WHITE_LABEL, scope_key=acme.scope_key, host="smtp.office365.com", secret="secret"
    )
    factories.give_own_smtp(acme, server)
    client.force_login(alice)
    assert "office365" in client.get(WHITE_LABEL).content.decode()
    client.force_login(charlie)
    assert "office365" not in client.get(WHITE_LABEL, {"server": str(server.pk)}).content.decode()
    shown = find(client, WHITE_LABEL, "info@acme.test", white_label=str(acme.pk), server=str(server.pk))
    assert "office365" not in shown
