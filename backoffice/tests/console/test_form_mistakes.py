"""Every form of both consoles that comes back says at its head what is wrong, and leads to each field at fault."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from people.models import User
from testing import factories
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel

WRONG = {"email": "nobody", "number": "-1", "date": "never", "text": "", "textarea": "", "select": "", "search": ""}
PAGES_MAX = 150

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    can_be_wrong: bool = False


class Reader(HTMLParser):
    """Reads the links of a page, its ids, its forms that are posted, and which fields are at fault."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.at_fault: list[str] = []
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in given}
        self.ids.add(said.get("id", ""))
        if said.get("aria-invalid") == "true":
            self.at_fault.append(said.get("id", ""))
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if tag == "form":
            self.open = Form(said.get("action", "")) if said.get("method", "").lower() == "post" else None
            self.forms += [self.open] if self.open else []
        if tag in ("input", "textarea", "select") and self.open and "name" in said:
            kind = said.get("type", "text") if tag == "input" else tag
            self.open.can_be_wrong |= kind in WRONG
            self.open.fields[said["name"]] = WRONG.get(kind, said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self.open = None if tag == "form" else self.open


def route_of(path: str) -> str:
    try:
        return str(resolve(path).route)
    except Resolver404:
        return ""


def walk(client: Client, first: str) -> Iterator[tuple[str, Form]]:
    """Yield one form of each address that forms of the console are sent to, with the page that it is on."""
    console, waiting, seen, sent = first.split("/")[1], [first], set[str](), set[str]()
    while waiting and len(seen) < PAGES_MAX:
        path = waiting.pop(0)
        if route_of(path) in seen or not route_of(path):
            continue
        seen.add(route_of(path))
        response: Any = client.get(path, follow=True)
        if response.status_code != 200 or response.streaming:
            continue
        page = Reader(response.content.decode())
        inside = (urlsplit(urljoin(path, link)) for link in page.links if "{" not in link)
        waiting += [
            each.path for each in inside if each.path.startswith((f"/{console}/", "/accounts/")) and not each.netloc
        ]
        for form in page.forms:
            action = urlsplit(urljoin(path, form.action)).path
            if form.can_be_wrong and action not in sent and "logout" not in action:
                sent.add(action)
                yield action, form


def assert_says_what_is_wrong(response: Any, action: str) -> bool:
    """Return whether there was something wrong, which most forms say of what is empty or nonsense."""
    shown = response.content.decode() if not response.streaming else ""
    page = Reader(shown)
    if not page.at_fault and response.status_code != 422:
        return False
    summary = re.search(r'<div id="form-mistakes"[^>]*role="alert".*?</ul>', shown, re.DOTALL)
    assert summary, f"{action} has no summary"
    targets = re.findall(r'href="#([^"]+)"', summary[0])
    assert set(targets) <= page.ids, f"{action} leads to what is not there: {set(targets) - page.ids}"
    assert set(page.at_fault) - {""} <= set(targets), f"{action} leaves out {set(page.at_fault) - set(targets)}"
    assert shown.count('id="form-mistakes"') == 1, action
    return True


def refused(client: Client, first: str) -> set[str]:
    """Return the addresses that refused their form, each of which said why."""
    found = set()
    for action, form in walk(client, first):
        response = client.post(action, form.fields, follow=True)
        if assert_says_what_is_wrong(response, action):
            found.add(route_of(action))
    return found


@pytest.fixture
def domain(alice: User, acme: WhiteLabel) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="mail.acme.test", note="")


def test_every_form_of_the_platforms_console(client: Client, owner: User, alice: User, domain: SendingDomain) -> None:
    factories.make_application(alice, domain.white_label)
    client.force_login(owner)
    routes = refused(client, "/backoffice/")
    for part in ("communication", "second", "approve", "refuse", "ask", "messages/new", "applications/add", "add"):
        assert any(part in route for route in routes), (part, routes)


def test_every_form_of_a_white_labels_console(client: Client, alice: User, domain: SendingDomain) -> None:
    factories.make_application(alice, domain.white_label)
    client.force_login(alice)
    routes = refused(client, "/whitelabel/")
    for part in ("email/", "email/request", "answer", "messages/new", "people"):
        assert any(part in route for route in routes), (part, routes)


@pytest.mark.parametrize("part", ["name", "locale"])
def test_every_part_of_the_profile(client: Client, alice: User, acme: WhiteLabel, part: str) -> None:
    client.force_login(alice)
    action = f"/accounts/profile/{part}/"
    response = client.post(action, {"name": "Alice\u202e", "time_zone": "Nowhere"})
    assert assert_says_what_is_wrong(response, action)
