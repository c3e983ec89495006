"""The white-label's E-mail page. Alice and Bob administer Acme; Charlie belongs to Globex."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from people.models import User
from smtp_settings.choices import Policy, State
from smtp_settings.models import SmtpCheck, SmtpServer
from testing import factories
from testing.factories import smtp_form
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel
from whitelabel.routing import route_for

URL = "/whitelabel/email/"
Option = WhiteLabel.MailOption

pytestmark = pytest.mark.usefixtures("worker_at_once")


@pytest.fixture
def console(client: Client, alice: User, acme: WhiteLabel) -> Client:
    client.force_login(alice)
    return client


def values(loopback: LoopbackSmtpServer, **changed: object) -> dict[str, object]:
    sender: dict[str, object] = {"sender_name": "Acme", "sender_address": "mail@acme.test"}
    return smtp_form(loopback, **sender | changed)


def own_server(white_label: WhiteLabel, loopback: LoopbackSmtpServer) -> SmtpServer:
    """Give the white-label a verified, switched-on server."""
    server = factories.make_server(
        Policy.WHITE_LABEL, scope_key=white_label.scope_key, secret="secret", **loopback.fields
    )
    factories.give_own_smtp(white_label, server)
    return server


def server_of(white_label: WhiteLabel) -> SmtpServer:
    """Return its server as stored now."""
    white_label.refresh_from_db()
    assert white_label.server is not None
    return white_label.server


def page(response: Any) -> str:
    return response.content.decode()


def test_the_two_options_stand_side_by_side(console: Client) -> None:
    shown = page(console.get(URL))
    assert "1. Use the platform's SMTP" in shown
    assert "2. Use your own SMTP provider" in shown
    assert "Send request" in shown


def test_a_server_that_passes_takes_over_the_mail(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel, alice: User
) -> None:
    console.post(URL, values(smtp_server, fall_back="on"))
    acme.refresh_from_db()
    assert acme.mail_option == Option.OWN
    assert acme.fall_back
    assert route_for(factories.make_application(alice, acme)).rule == 1
    assert server_of(acme).scope_key == acme.scope_key
    assert server_of(acme).open_secret() == "secret"


def test_colleagues_share_it(client: Client, bob: User, acme: WhiteLabel, smtp_server: LoopbackSmtpServer) -> None:
    own_server(acme, smtp_server)
    client.force_login(bob)
    assert f"localhost:{smtp_server.port}" in page(client.get(URL))


def test_charlie_can_do_nothing_to_acme(
    client: Client, charlie: User, globex: WhiteLabel, acme: WhiteLabel, smtp_server: LoopbackSmtpServer
) -> None:
    server = own_server(acme, smtp_server)
    client.force_login(charlie)
    for action in ("use_platform", "remove", "forget", "again", "draft", "test", "check"):
        data = values(
            smtp_server, action=action, white_label=acme.pk, scope_key=acme.scope_key, server=server.pk, id=server.pk
        )
        shown = page(client.post(URL, data, follow=True))
        assert f"localhost:{smtp_server.port}" not in shown or action in ("check", "draft", "test")
    acme.refresh_from_db()
    assert (acme.mail_option, acme.server) == (Option.OWN, server)
    assert SmtpServer.objects.get(pk=server.pk).open_secret() == "secret"
    assert not SmtpCheck.objects.filter(scope_key=acme.scope_key).exists()


def test_a_platform_owner_who_is_no_admin_has_no_such_page(client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    assert client.get(URL).status_code != 200


@pytest.mark.parametrize("posted", [{"policy": "ENVIRONMENT"}, {"state": "VERIFIED"}, {"scope_key": "platform"}])
def test_what_the_form_does_not_ask_for_cannot_be_posted(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel, posted: dict[str, str]
) -> None:
    console.post(URL, values(smtp_server, action="draft") | posted)
    server = server_of(acme)
    assert (server.policy, server.scope_key, server.state) == (Policy.WHITE_LABEL, acme.scope_key, State.DRAFT)


def test_white_labels_never_send_unencrypted(console: Client, smtp_server_factory: SmtpServerFactory) -> None:
    loopback = smtp_server_factory("NONE")
    for action in ("save", "test", "draft"):
        response = console.post(URL, values(loopback, action=action))
        assert response.context["smtp_form"].errors["security"] == [
            "Choose STARTTLS or implicit TLS: mail is sent encrypted only."
        ]
    assert not loopback.connections


def test_a_wrong_port_is_said_at_the_port(
    console: Client, smtp_server: LoopbackSmtpServer, settings: LazySettings
) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    response = console.post(URL, values(smtp_server, port=6379), follow=True)
    assert "465, 587, 2465, 2525, 2587" in response.context["smtp_form"].errors["port"][0]


def test_the_platforms_own_server_is_refused(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    factories.switch_on_platform_smtp(factories.make_server(**smtp_server.fields))
    response = console.post(URL, values(smtp_server), follow=True)
    assert "the platform's own SMTP server" in response.context["smtp_form"].errors["host"][0]


def test_a_failing_edit_leaves_the_server_in_use_alone(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    own_server(acme, smtp_server)
    response = console.post(URL, values(smtp_server, password="wrong", username="somebody"), follow=True)
    assert "somebody" in page(response)
    assert "switches it off" in page(response)
    acme.refresh_from_db()
    assert acme.own_smtp_on
    assert server_of(acme).username == "user"
    assert server_of(acme).usable


def test_only_the_consent_may_be_changed(console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel) -> None:
    own_server(acme, smtp_server)
    same = {name: getattr(acme.server, name) for name in ("sender_name", "sender_address")}
    response = console.post(URL, values(smtp_server, password="", fall_back="on", **same))
    assert response.status_code == 302
    assert not smtp_server.connections
    acme.refresh_from_db()
    assert acme.fall_back
    assert acme.own_smtp_on


def test_consent_can_be_given_while_the_server_is_paused(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    own_server(acme, smtp_server).pause("It does not answer.")
    same = {name: getattr(acme.server, name) for name in ("sender_name", "sender_address")}
    console.post(URL, values(smtp_server, password="", fall_back="on", **same))
    assert not smtp_server.connections
    assert server_of(acme).state == State.PAUSED
    assert acme.fall_back


def test_choosing_the_platforms_smtp_keeps_the_own_server(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    server = own_server(acme, smtp_server)
    console.post(URL, {"action": "use_platform"})
    acme.refresh_from_db()
    assert (acme.mail_option, acme.server) == (Option.PLATFORM, server)


def test_a_removed_server_is_gone_with_its_password(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    own_server(acme, smtp_server)
    console.post(URL, {"action": "remove"})
    acme.refresh_from_db()
    assert (acme.mail_option, acme.server) == (Option.PLATFORM, None)
    assert not SmtpServer.objects.exists()


def test_nothing_changes_by_looking(console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel) -> None:
    own_server(acme, smtp_server)
    for action in ("use_platform", "remove", "forget"):
        console.get(URL, {"action": action})
    acme.refresh_from_db()
    assert acme.own_smtp_on
    assert server_of(acme).has_secret


def test_a_paused_server_is_explained(console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel) -> None:
    own_server(acme, smtp_server).pause("The password was refused.")
    shown = page(console.get(URL))
    assert "The password was refused." in shown
    assert "Your mail waits here" in shown
    assert "Check again and release" in shown


def test_applications_of_somebody_else_are_named(console: Client, acme: WhiteLabel, alice: User, charlie: User) -> None:
    factories.make_application(alice, acme, "Covered Shop")
    factories.make_application(charlie, acme, "Other Shop")
    shown = page(console.get(URL))
    assert "Other Shop</a> belongs to charlie@globex.test" in shown
    assert "Covered Shop" not in shown


def test_a_wrong_domain_comes_back_with_the_whole_page(console: Client) -> None:
    response = console.post("/whitelabel/email/request/", {"domain": "gmail.com", "note": "Kept note"})
    assert "2. Use your own SMTP provider" in page(response)
    assert "Kept note" in page(response)
    assert f'action="{URL}"' in page(response)
