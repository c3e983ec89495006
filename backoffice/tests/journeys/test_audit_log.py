"""A journey in a browser: a white-label reads what was done, and the owner takes the audit log along as a file."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from people.audit import record
from people.audit_chain import verify
from people.models import User
from testing.browser import NARROW, WIDE, open_menu, press, screenshot, sign_in
from testing.factories import make_domain
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = pytest.mark.browser


def test_a_white_label_reads_its_activity(page: Page, owner: User, alice: User, acme: WhiteLabel) -> None:
    domain = make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)
    for act, person, console in (("refuse", owner, "/backoffice"), ("withdraw", alice, "/whitelabel/email")):
        path = f"{console}/domains/{domain.pk}/{act}/"
        record(f"domain.{act}", person=person, white_label=acme.pk, path=path)
    sign_in(page, alice)
    page.goto("/whitelabel/")
    open_menu(page, "Activity")
    expect(page.get_by_text("Refuse a domain request")).to_be_visible()
    expect(page.get_by_text(owner.email)).to_have_count(0)
    for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.reload()
        screenshot(page, f"activity-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_the_owner_exports_what_is_listed(page: Page, owner: User, tmp_path: Path) -> None:
    sign_in(page, owner)
    record("domain.approve", who="somebody@acme.test")
    page.goto("/backoffice/audit/?q=somebody")
    for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.reload()
        expect(page.get_by_role("heading", level=1).get_by_role("link", name="Audit log")).to_be_visible()
        screenshot(page, f"audit-log-{scheme}")
    with page.expect_download() as download:
        press(page, "Export as JSON lines")
    download.value.save_as(tmp_path / "audit.jsonl")
    (line,) = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
    assert (line["act"], line["who"]) == ("domain.approve", "somebody@acme.test")
    assert not verify().problems
