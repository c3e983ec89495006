"""Somebody who is an admin of two white-labels does nothing to the one by a form that was opened in the other."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.console.scope import SESSION_KEY
from people.models import User
from testing.factories import make_white_label
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(alice: User, acme: WhiteLabel) -> WhiteLabel:
    return make_white_label("Second", alice)


def choose(client: Client, white_label: WhiteLabel) -> None:
    session = client.session
    session[SESSION_KEY] = white_label.pk
    session.save()


def test_a_form_says_which_white_label_it_was_opened_in(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    html = client.get("/whitelabel/email/").content.decode()
    assert html.count(f'<input type="hidden" name="in_white_label" value="{acme.pk}">') >= 2


def test_a_form_of_an_older_tab_changes_nothing(
    client: Client, alice: User, acme: WhiteLabel, second: WhiteLabel
) -> None:
    client.force_login(alice)
    choose(client, second)
    asked = {"domain": "acme.example", "in_white_label": acme.pk}
    answer = client.post("/whitelabel/email/request/", asked, follow=True)
    assert "you work in Second now" in answer.content.decode()
    assert not SendingDomain.objects.exists()


def test_a_form_of_the_chosen_one_goes_through(
    client: Client, alice: User, acme: WhiteLabel, second: WhiteLabel
) -> None:
    client.force_login(alice)
    choose(client, second)
    client.post("/whitelabel/email/request/", {"domain": "second-shop.com", "in_white_label": second.pk})
    assert SendingDomain.objects.get().white_label == second


def test_a_page_asks_once_which_white_label_the_person_is_in(
    client: Client, alice: User, acme: WhiteLabel, second: WhiteLabel
) -> None:
    client.force_login(alice)
    choose(client, second)
    client.get("/whitelabel/deliveries/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/whitelabel/deliveries/")
    first_tables = [query["sql"].split(" FROM ")[1] for query in asked if " FROM " in query["sql"]]
    of_white_labels = [table for table in first_tables if table.startswith('"whitelabel_whitelabel"')]
    assert len(of_white_labels) == 2, "the one they are in, and how many there are, for the menu"
    assert len(asked) <= 12
