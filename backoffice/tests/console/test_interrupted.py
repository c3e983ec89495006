"""A session that ends under what somebody sends: they come back to its page, and what they typed is there."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from backoffice.console import interrupted
from people.access import Audience, Rights
from people.models import User
from smtp_settings.forms import SmtpServerForm
from testing import factories
from testing.walls.addresses import addresses
from whitelabel.models import WhiteLabel

EMAIL = "/whitelabel/email/"
REQUEST = "/whitelabel/email/request/"
POSTED_TO = [
    address
    for address in addresses(get_resolver().url_patterns)
    if (isinstance(address.access, Rights) and address.access.post)
    or (address.access == Audience.SIGNED_IN and not address.template.startswith("/accounts/2fa"))
]

pytestmark = pytest.mark.django_db


def end_session(client: Client) -> None:
    del client.cookies[settings.SESSION_COOKIE_NAME]


def page_after(client: Client, path: str, typed: dict[str, Any] | None = None, came_from: str = "") -> str:
    """Send it as a stranger; return the page to come back to."""
    headers = {"referer": f"http://testserver{came_from}"} if came_from else {}
    response = client.post(path, typed or {}, headers=headers)
    assert response.status_code == 302, path
    return parse_qs(urlsplit(response["Location"]).query)["next"][0]


def sign_in(client: Client, person: User) -> Any:
    return client.post("/accounts/login/", {"login": person.email, "password": factories.PASSWORD})


def typed_again(client: Client, path: str) -> dict[str, Any] | None:
    shown = client.get(path, follow=True).content.decode()
    found = re.search(r'<script id="typed-again" type="application/json">(.*?)</script>', shown)
    return json.loads(found[1]) if found else None


def asked(person: User, **more: str) -> dict[str, str]:
    return {"domain": "mail.acme.test", "note": "For our shop", "typed_by": interrupted.token_of(person), **more}


@pytest.mark.parametrize("address", POSTED_TO, ids=str)
def test_whoever_signs_in_comes_to_a_page_that_can_be_read(client: Client, owner: User, address: Any) -> None:
    for path in address.filled("1", own="1"):
        page = page_after(client, path)
        if address.console == "owner" or path.startswith("/accounts/"):
            client.force_login(owner)
            assert client.get(page).status_code != 405, path
            client.logout()


def test_what_was_typed_is_on_the_page_again(client: Client, alice: User, acme: WhiteLabel) -> None:
    page = page_after(client, REQUEST, asked(alice), came_from=EMAIL)
    assert page == EMAIL
    sign_in(client, alice)
    again = typed_again(client, page)
    assert again
    assert again["action"] == REQUEST
    assert again["fields"] == {"domain": ["mail.acme.test"], "note": ["For our shop"]}
    assert typed_again(client, page) is None  # once


def test_it_is_there_also_where_the_address_only_leads_to_the_page(
    client: Client, alice: User, acme: WhiteLabel
) -> None:
    page = page_after(client, REQUEST, asked(alice), came_from=REQUEST)
    sign_in(client, alice)
    assert typed_again(client, page)


def test_what_was_typed_about_a_row_is_not_given_to_another_one(client: Client, owner: User, alice: User) -> None:
    acme, globex = (factories.make_white_label(name, alice) for name in ("Acme", "Globex"))
    pages = [f"/backoffice/white-labels/{each.pk}/change/" for each in (acme, globex)]
    page_after(client, pages[0], asked(owner), came_from=pages[0])
    sign_in(client, owner)
    assert interrupted._is_same_place("/backoffice/domains/7/", "/backoffice/domains/7/approve/")
    assert not interrupted._is_same_place("/backoffice/domains/8/", "/backoffice/domains/7/")
    assert typed_again(client, pages[1]) is None
    assert typed_again(client, pages[0])


@pytest.mark.parametrize("elsewhere", ["/whitelabel/", "/whitelabel/messages/", EMAIL])
def test_no_other_page_that_is_gone_to_first_is_given_it(
    elsewhere: str, client: Client, alice: User, acme: WhiteLabel
) -> None:
    page = page_after(client, "/whitelabel/messages/new/", asked(alice), came_from="/whitelabel/messages/new/")
    sign_in(client, alice)
    assert typed_again(client, elsewhere) is None
    assert typed_again(client, page)


def test_it_is_not_on_the_first_page_where_the_own_one_leads_there() -> None:
    assert not interrupted._is_same_place("/whitelabel/", "/whitelabel/email/")
    assert interrupted._is_same_place(EMAIL, REQUEST)


def test_somebody_else_who_signs_in_sees_nothing_of_it(
    client: Client, alice: User, bob: User, acme: WhiteLabel
) -> None:
    page = page_after(client, REQUEST, asked(alice), came_from=EMAIL)
    sign_in(client, bob)
    assert typed_again(client, page) is None
    assert interrupted.SESSION_KEY not in client.session


def test_strangers_have_nothing_kept(client: Client, alice: User, acme: WhiteLabel) -> None:
    page_after(client, REQUEST, asked(alice) | {"typed_by": f"{alice.pk}:made up"}, came_from=EMAIL)
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_secrets_are_not_kept(client: Client, alice: User, acme: WhiteLabel) -> None:
    page = page_after(client, EMAIL, asked(alice, password="hush", client_secret="hush"), came_from=EMAIL)
    sign_in(client, alice)
    assert "hush" not in json.dumps(typed_again(client, page))


def test_no_secret_of_the_smtp_form_has_a_name_that_is_kept() -> None:
    secret = [
        name
        for name, field in SmtpServerForm.base_fields.items()
        if getattr(field.widget, "input_type", "") == "password"
    ]
    assert secret
    assert all(interrupted.NOT_KEPT.search(name) for name in secret)


def test_a_page_that_is_too_much_is_not_kept(client: Client, alice: User, acme: WhiteLabel) -> None:
    page = page_after(client, REQUEST, asked(alice, note="x" * interrupted.CHARS_MAX), came_from=EMAIL)
    assert page == EMAIL
    assert interrupted.SESSION_KEY not in client.session


def test_a_foreign_page_is_not_gone_back_to(client: Client, alice: User, acme: WhiteLabel) -> None:
    response = client.post(REQUEST, {}, headers={"referer": "https://evil.test/whitelabel/email/"})
    assert "evil" not in response["Location"]


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(client: Client) -> None:
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{EMAIL}"}
    response = client.post(EMAIL, {}, headers=headers)
    assert "next=/whitelabel/email/" in response["HX-Redirect"].replace("%2F", "/")
