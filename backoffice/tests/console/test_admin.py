"""Lists of both consoles: one name for one thing, and no typed id that breaks a page."""

import re

import pytest
from django.test import Client

from backoffice.console import navigation
from delivery.api import send
from people.models import User
from testing.factories import make_application
from whitelabel.models import Application, WhiteLabel

MENUS = {"owner": navigation.of_owner, "alice": navigation.of_white_label}


def heading(html: str) -> str:
    """Return the last crumb and whatever stands beside it."""
    (inside,) = re.findall(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>|chevron_right", " ", inside).split())


@pytest.mark.parametrize("who", MENUS)
def test_a_page_is_called_what_the_menu_calls_it(
    who: str, client: Client, acme: WhiteLabel, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    first = client.get("/backoffice/" if who == "owner" else "/whitelabel/")
    for item in [item for group in MENUS[who](first.wsgi_request) for item in group["items"]]:
        html = client.get(item["link"]).content.decode()
        assert re.search(rf"<title>\s*{item['title']} \|", html), item["title"]
        assert heading(html).endswith(item["title"])


def test_a_count_stands_at_the_name_only_where_something_was_looked_for(
    client: Client, owner: User, acme: WhiteLabel
) -> None:
    client.force_login(owner)
    make_application(owner, acme)
    for path in ("applications", "audit"):
        assert "Show all" not in heading(client.get(f"/backoffice/{path}/").content.decode())
    assert "0 results" in heading(client.get("/backoffice/audit/?q=nothing").content.decode())


def test_a_deliverys_page_leads_back_to_the_log(client: Client, owner: User, acme: WhiteLabel) -> None:
    delivery = send(make_application(owner, acme), to="dana@users.test", subject="Hello", text="x").deliveries.get()
    client.force_login(owner)
    assert heading(client.get(f"/backoffice/deliveries/{delivery.pk}/change/").content.decode()).endswith(
        "Delivery log Hello"
    )


@pytest.mark.parametrize("typed", ["abc", "1; drop", "\u0661x", "9" * 30])
def test_an_id_that_is_none_is_a_mistake_of_the_form(typed: str, client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    response = client.post("/backoffice/applications/add/", {"name": "X", "owner": typed, "white_label": typed})
    assert response.status_code == 422
    assert response.content.decode().count("Select a valid choice") == 4  # at both fields, and at the head of the form
    assert not Application.objects.exists()
    assert client.get(f"/backoffice/applications/add/?owner={typed}").status_code == 200


def test_nor_is_one_among_several(client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    response = client.post(f"/backoffice/white-labels/{acme.pk}/change/", {"name": "Acme", "admins": ["abc"]})
    assert "“abc” is not a valid value." in response.content.decode()


@pytest.mark.parametrize("lookup", ["owner__id__exact", "white_label__id__exact"])
def test_a_filter_by_an_id_that_is_none_finds_nothing_and_breaks_nothing(
    lookup: str, client: Client, owner: User
) -> None:
    client.force_login(owner)
    assert client.get(f"/backoffice/applications/?{lookup}=abc", follow=True).status_code == 200
