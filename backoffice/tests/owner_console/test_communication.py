"""Settings > Communication, as the owner uses it, against real SMTP servers."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from people.models import User
from smtp_settings.choices import State
from smtp_settings.models import Communication, SmtpCheck, SmtpServer
from testing import factories
from testing.factories import smtp_form
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer

URL = "/backoffice/settings/communication/"
CANARY = "canary-Tr0ub4dor&3"

pytestmark = pytest.mark.usefixtures("worker_at_once")


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def values(loopback: LoopbackSmtpServer, **changed: object) -> dict[str, object]:
    sender: dict[str, object] = {
        "sender_name": "Platform",
        "sender_address": "mail@platform.test",
        "support_name": "Support",
        "support_address": "support@platform.test",
    }
    return smtp_form(loopback, **sender | changed)


def stored() -> Communication:
    return Communication.current()


def stored_server() -> SmtpServer:
    return SmtpServer.objects.get()


def page(response: Any) -> str:
    return response.content.decode()


def test_a_configuration_that_passes_is_stored_and_switched_on(
    console: Client, smtp_server: LoopbackSmtpServer
) -> None:
    response = console.post(URL, values(smtp_server), follow=True)
    assert "The server passed its check" in page(response)
    assert stored().custom_smtp
    assert stored().smtp.state == State.VERIFIED
    assert stored().smtp.open_secret() == "secret"
    assert stored().support_address == "support@platform.test"


def test_the_page_shows_who_checked_what(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    shown = page(console.get(URL))
    assert "owner@platform.test" in shown
    assert f"localhost:{smtp_server.port}" in shown
    assert "Custom SMTP Configuration" in shown


def test_a_configuration_that_fails_is_not_stored(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    response = console.post(URL, values(smtp_server, password="wrong", sender_name="Kept Name"), follow=True)
    assert "does not accept this username and password" in response.context["smtp_form"].errors["password"][0]
    assert "Kept Name" in page(response)
    assert "Save as draft" in page(response)
    assert not SmtpServer.objects.exists()
    assert not stored().custom_smtp


def test_what_fails_breaks_nothing_in_use(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    console.post(URL, values(smtp_server, host="nothing.invalid"))
    assert stored().custom_smtp
    assert stored().smtp.host == "localhost"
    assert stored().smtp.usable
    assert stored().smtp.open_secret() == "secret"


def test_a_draft_is_kept_and_switched_off(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    response = console.post(URL, values(smtp_server, action="draft", host="later.invalid"), follow=True)
    assert "Kept as a draft" in page(response)
    assert not stored().custom_smtp
    assert stored_server().host == "later.invalid"


def test_a_draft_that_fails_cannot_be_switched_on(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server, action="draft", password="wrong"))
    console.post(URL, values(smtp_server, password=""))
    assert not stored().custom_smtp
    assert stored_server().state == State.DRAFT


def test_a_draft_that_passes_is_switched_on_without_typing_the_password_again(
    console: Client, smtp_server: LoopbackSmtpServer
) -> None:
    console.post(URL, values(smtp_server, action="draft"))
    console.post(URL, values(smtp_server, password=""))
    assert stored().custom_smtp


@pytest.mark.parametrize("field", [{"host": "other.example"}, {"port": 2599}, {"security": "IMPLICIT_TLS"}])
def test_a_stored_password_does_not_follow_to_another_server(
    console: Client, smtp_server: LoopbackSmtpServer, field: dict[str, object]
) -> None:
    console.post(URL, values(smtp_server))
    for action in ("save", "test"):
        response = console.post(URL, values(smtp_server, action=action, password="", **field))
        assert "Type the password again" in response.context["smtp_form"].errors["password"][0]


def test_only_the_support_address_may_be_given(console: Client) -> None:
    blank = {"port": "587", "security": "STARTTLS", "auth": "PASSWORD", "support_address": "help@platform.test"}
    assert console.post(URL, {"action": "save", **blank}).status_code == 302
    assert stored().support_address == "help@platform.test"
    assert stored().server is None


def test_a_wrong_support_address_is_said_at_the_field(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    response = console.post(URL, values(smtp_server, support_address="nobody"))
    assert response.context["extra_form"].errors["support_address"]
    assert not SmtpServer.objects.exists()


def test_switching_off_asks_no_server(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    smtp_server.script("CONNECT", "close")
    data = values(smtp_server, password="")
    del data["switched_on"]
    assert console.post(URL, data).status_code == 302
    assert not stored().custom_smtp
    assert stored_server().state == State.VERIFIED


def test_a_test_e_mail_goes_to_the_person_by_values_that_are_not_saved(
    console: Client, smtp_server: LoopbackSmtpServer
) -> None:
    response = console.post(URL, values(smtp_server, action="test", to="victim@elsewhere.test"), follow=True)
    assert "The test e-mail was sent" in page(response)
    assert [message.recipients for message in smtp_server.messages] == [("owner@platform.test",)]
    assert not SmtpServer.objects.exists()


def test_a_test_e_mail_answers_htmx_with_the_outcome_alone(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    response = console.post(URL, values(smtp_server, action="test"), headers={"hx-request": "true"})
    assert page(response).lstrip().startswith('<div id="smtp-outcome"')
    assert "<form" not in page(response)


def test_a_test_e_mail_that_fails_says_why(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    smtp_server.script("FINAL_DOT", "554 5.7.1 looks like spam")
    response = console.post(URL, values(smtp_server, action="test"), follow=True)
    assert "The test e-mail was not sent" in page(response)
    assert "554 5.7.1 looks like spam" in page(response)


def test_five_test_e_mails_an_hour_are_enough(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    answers = [page(console.post(URL, values(smtp_server, action="test"))) for _ in range(6)]
    assert "5 test e-mails an hour" in answers[-1]
    assert len(smtp_server.messages) == 5


def test_a_paused_server_is_released_by_a_check(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    stored().smtp.pause("The password was refused.")
    assert "The password was refused." in page(console.get(URL))
    response = console.post(URL, values(smtp_server, action="again"), follow=True)
    assert "passed its check" in page(response)
    assert "leaves within a minute" in page(response)
    assert stored().smtp.state == State.VERIFIED


def test_a_paused_server_that_still_fails_stays_paused(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    stored().smtp.pause("The password was refused.")
    smtp_server.password = "changed"
    response = console.post(URL, values(smtp_server, action="again"), follow=True)
    assert "did not pass its check" in page(response)
    assert stored().smtp.state == State.PAUSED


def test_forgetting_the_password_clears_it_and_keeps_what_is_typed(
    console: Client, smtp_server: LoopbackSmtpServer
) -> None:
    console.post(URL, values(smtp_server))
    response = console.post(URL, values(smtp_server, action="forget", sender_name="Being Typed"))
    assert "Being Typed" in page(response)
    assert not stored().custom_smtp
    assert not stored_server().has_secret


def test_the_password_is_shown_nowhere(
    console: Client, smtp_server: LoopbackSmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    smtp_server.script("AUTH", f"535 5.7.8 {CANARY} is wrong")
    pages = [
        page(console.post(URL, values(smtp_server, action=action, password=CANARY), follow=True))
        for action in ("save", "test", "draft")
    ]
    pages += [
        page(console.get(URL)),
        page(console.post(URL, values(smtp_server, action="again", password=CANARY), follow=True)),
    ]
    steps = str(list(SmtpCheck.objects.values_list("steps", flat=True)))
    assert stored_server().open_secret() == CANARY
    assert CANARY not in "".join(pages) + steps + caplog.text + repr(SmtpServer.objects.get())
    assert "[secret]" in steps


def test_a_server_inside_the_network_may_be_without_encryption(
    console: Client, smtp_server_factory: SmtpServerFactory
) -> None:
    console.post(URL, values(smtp_server_factory("NONE")))
    assert stored().custom_smtp


def test_a_server_at_a_forbidden_address_is_refused(
    console: Client, smtp_server: LoopbackSmtpServer, settings: LazySettings
) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    response = console.post(URL, values(smtp_server), follow=True)
    assert "SMTP_ALLOWED_CIDRS" in response.context["smtp_form"].errors["host"][0]
    assert not smtp_server.connections


@pytest.mark.usefixtures("acme")
def test_only_the_owner_may_see_and_post_it(client: Client, alice: User) -> None:
    client.force_login(alice)
    factories.switch_on_platform_smtp(factories.make_server(secret="secret"))
    assert "Custom SMTP Configuration" not in page(client.get(URL, follow=True))
    client.post(URL, {"action": "forget"})
    assert stored().custom_smtp


def test_a_free_mail_sender_is_warned_of(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    response = console.post(URL, values(smtp_server, sender_address="somebody@gmail.com"), follow=True)
    assert "domain belongs to a mail provider" in page(response)
    assert stored().custom_smtp


def test_two_servers_never_share_a_row(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    factories.make_server(scope_key="white-label:7")
    console.post(URL, values(smtp_server))
    assert SmtpServer.objects.count() == 2
