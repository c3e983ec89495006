"""Help in the consoles: the guides of docs/, each for whom it is, and links from where somebody hesitates."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from backoffice.console.guide import GLOSSARY, OWNER, SERVER, WHITE_LABEL, Guide
from backoffice.owner_console.site import owner_console
from people.models import User
from testing.factories import make_person
from whitelabel.models import WhiteLabel

HELP_LINK = re.compile(r'{% help_link "(\w*)" "([\w-]*)" "[^"]+" %}')
LINK = re.compile(r"\]\(([^)]+)\)")
GUIDES = {guide.name: guide for guide in (OWNER, WHITE_LABEL, SERVER, GLOSSARY)}
IN_TEMPLATES = [
    (path, *found)
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
    for found in HELP_LINK.findall(path.read_text())
]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_owner_reads_every_guide(owner: User) -> None:
    client = signed_in(owner)
    for address in ("", "white-label/", "server/", "glossary/"):
        assert client.get(f"/backoffice/help/{address}").status_code == 200


def test_alice_reads_her_own_guide_and_the_glossary_and_nothing_of_the_platforms(alice: User, acme: WhiteLabel) -> None:
    client = signed_in(alice)
    page = client.get("/whitelabel/help/").content.decode()
    assert "Which option is right for you" in page
    assert "I own the platform" not in page
    assert client.get("/whitelabel/help/glossary/").status_code == 200
    for address in ("owner/", "server/"):
        assert client.get(f"/whitelabel/help/{address}").status_code == 404
    assert client.get("/backoffice/help/").status_code == 403


def test_a_viewer_reads_help_and_a_stranger_signs_in_first(acme: WhiteLabel, client: Client) -> None:
    viewer = make_person("vera@acme.test")
    acme.viewers.add(viewer)
    assert signed_in(viewer).get("/whitelabel/help/").status_code == 200
    assert client.get("/whitelabel/help/").status_code == 302


def test_help_is_in_both_menus(owner: User, alice: User, acme: WhiteLabel) -> None:
    assert 'href="/backoffice/help/"' in signed_in(owner).get("/backoffice/").content.decode()
    assert 'href="/whitelabel/help/"' in signed_in(alice).get("/whitelabel/").content.decode()


def test_markup_in_a_guide_is_text() -> None:
    guide = GuideOf("# Title\n\n<script>alert(1)</script> [a](javascript:alert(1)) **b**")
    html = guide.render(lambda name: "")
    assert "<script" not in html
    assert "href" not in html
    assert "<strong>b</strong>" in html


class GuideOf(Guide):
    """A guide with another text."""

    def __init__(self, text: str) -> None:
        super().__init__("x", "X")
        object.__setattr__(self, "_text", text)

    @property
    def text(self) -> str:
        return str(vars(self)["_text"])


@pytest.mark.parametrize("name", GUIDES)
def test_links_of_a_guide_lead_somewhere(name: str) -> None:
    for target in LINK.findall(GUIDES[name].text):
        page, _, anchor = target.partition("#")
        assert not page or (settings.DOCS / page).is_file(), target
        guide = GUIDES.get(page.removesuffix(".md") or name)
        assert not anchor or (guide and anchor in guide.anchors), target


def test_a_link_to_a_page_that_a_console_does_not_have_is_only_words() -> None:
    html = SERVER.render(lambda name: "/glossary/" if name == "glossary" else "")
    assert "<a>docs/running.md</a>" in html


@pytest.mark.parametrize(("path", "page", "anchor"), IN_TEMPLATES, ids=lambda value: getattr(value, "name", None))
def test_a_link_from_where_somebody_hesitates_leads_to_a_heading(path: Path, page: str, anchor: str) -> None:
    own = OWNER if "owner_console" in path.parts else WHITE_LABEL
    assert not anchor or anchor in GUIDES.get(page, own).anchors


def test_people_are_led_from_a_page_to_its_help(alice: User, acme: WhiteLabel, owner: User) -> None:
    page = signed_in(alice).get("/whitelabel/email/").content.decode()
    assert 'href="/whitelabel/help/#which-option-is-right-for-you"' in page
    page = signed_in(owner).get("/backoffice/settings/communication/").content.decode()
    assert 'href="/backoffice/help/#which-server-sends"' in page


def test_a_picture_comes_from_this_site(owner: User) -> None:
    page = signed_in(owner).get("/backoffice/help/").content.decode()
    assert re.search(r'<img src="/static/docs/communication[\w.]*\.png"', page)
    assert owner_console.name == "owner"
