"""What a white-label has still to do: the option in use first, and a checklist until all is green."""

import pytest
from django.test import Client

from delivery.api import send
from delivery.models import Delivery
from people.models import User
from smtp_settings.choices import Policy
from testing import factories
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel

EMAIL = "/whitelabel/email/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def console(client: Client, alice: User, acme: WhiteLabel) -> Client:
    client.force_login(alice)
    return client


def shown(console: Client) -> str:
    return console.get(EMAIL).content.decode()


def steps(console: Client) -> list[bool]:
    """Return which steps are done, [] where there is no checklist."""
    part = shown(console).partition('<ol class="checklist">')[2].partition("</ol>")[0]
    return ['class="done"' in line for line in part.split("<li")[1:]]


def own_server(white_label: WhiteLabel) -> None:
    server = factories.make_server(Policy.WHITE_LABEL, scope_key=white_label.scope_key)
    factories.give_own_smtp(white_label, server)


def test_whoever_has_not_chosen_sees_both_options_and_no_checklist(console: Client) -> None:
    page = shown(console)
    assert '<details class="panel confirm option"' not in page
    assert steps(console) == []


def test_the_steps_of_a_domain_turn_green_one_by_one(console: Client, alice: User, acme: WhiteLabel) -> None:
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed="mail.acme.test", note="")
    assert steps(console) == [True, False, False, False]
    domain.records.update(status="OK")
    assert steps(console) == [True, True, False, False]
    SendingDomain.objects.update(state=SendingDomain.State.ACTIVE)
    assert steps(console) == [True, True, True, False]
    send(factories.make_application(alice, acme), to="alice@acme.test", subject="Test", text="x")
    Delivery.objects.update(status="SENT")
    assert steps(console) == []


def test_the_option_in_use_comes_first_and_the_other_is_folded(console: Client, acme: WhiteLabel) -> None:
    own_server(acme)
    page = shown(console)
    assert page.index('id="own-title"') < page.index('id="platform-title"')
    assert '<details class="panel confirm option">' in page
    assert steps(console) == [True, True, True, False]


def test_a_form_with_mistakes_is_not_folded_away(console: Client, acme: WhiteLabel) -> None:
    own_server(acme)
    response = console.post("/whitelabel/email/request/", {"domain": "no domain"})
    assert response.status_code == 422
    assert '<details class="panel confirm option" open>' in response.content.decode()


def test_a_domain_that_is_active_already_is_not_said_to_become_so(
    console: Client, alice: User, acme: WhiteLabel
) -> None:
    lifecycle.request_domain(white_label=acme, person=alice, typed="mail.acme.test", note="")
    SendingDomain.objects.update(state=SendingDomain.State.VERIFYING)
    assert "it becomes active once all are found" in shown(console)
    SendingDomain.objects.update(state=SendingDomain.State.ACTIVE)
    assert "it becomes active" not in shown(console)
    assert "look forged" in shown(console)
