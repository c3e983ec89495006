"""A journey in a browser: a list with a mistake is uploaded, corrected, applied in the background, and watched."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from gateway.models import ListFile
from gateway.provisioning import files
from gateway.tasks import apply_list
from people.models import User
from testing.browser import labelled, mistake_at, open_menu, press, screenshot, sign_in

pytestmark = pytest.mark.browser
RIGHT = "ref;email;name\nu-1;dana@shop.example;Dana\nu-2;rita@shop.example;Rita\n"
WRONG = RIGHT.replace("rita@shop.example", "rita")


def test_a_list_is_corrected_and_applied(page: Page, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/")
    open_menu(page, "Import")
    the_owner_forgets_the_file(page)
    the_owner_sees_which_line_is_wrong(page)
    the_owner_uploads_it_corrected(page)
    the_owner_watches_it_being_applied(page, monkeypatch)
    assert set(User.objects.exclude(ref=None).values_list("ref", "name")) == {("u-1", "Dana"), ("u-2", "Rita")}


def the_owner_forgets_the_file(page: Page) -> None:
    press(page, "Upload and preview")
    expect(mistake_at(page, "CSV file")).to_have_text("Choose a file.")
    expect(labelled(page, "CSV file")).to_be_focused()


def the_owner_sees_which_line_is_wrong(page: Page) -> None:
    upload(page, WRONG)
    errors = page.get_by_role("region", name="Errors")
    expect(errors.get_by_role("listitem")).to_have_text(re.compile(r"Line 3\s*u-2 E-mail address: Enter a valid"))
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    screenshot(page, "import-errors")
    page.get_by_role("link", name="upload it again").click()
    expect(page.get_by_role("region", name="Uploaded")).to_contain_text("Errors people.csv")


def the_owner_uploads_it_corrected(page: Page) -> None:
    upload(page, RIGHT)
    expect(page.get_by_role("main")).to_contain_text("Nothing has been changed yet.")
    expect(page.locator(".figure").first).to_have_text("2 to create")
    assert not User.objects.filter(ref="u-1").exists()
    screenshot(page, "import-preview")


def the_owner_watches_it_being_applied(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is this test: while it is at work, the page shows how far it is, without being loaded again."""
    say = files._say

    def say_and_see(pk: int, done: int, total: int) -> None:
        say(pk, done, total)
        if total:
            expect(page.get_by_role("progressbar", name="Rows stored")).to_have_attribute("max", str(total))
            expect(page.get_by_text(f"{done} of {total} rows.")).to_be_visible()
            screenshot(page, "import-progress")

    monkeypatch.setattr(files, "_say", say_and_see)
    press(page, "Apply")
    expect(page.get_by_role("heading", name="Being applied")).to_be_visible()
    apply_list(ListFile.objects.latest("pk").pk)
    expect(page.get_by_role("heading", name="Applied")).to_be_visible()
    expect(page.locator(".figure").first).to_have_text("2 created")
    screenshot(page, "import-done")


def upload(page: Page, content: str) -> None:
    file = FilePayload(name="people.csv", mimeType="text/csv", buffer=content.encode())
    labelled(page, "CSV file").set_input_files(file)
    press(page, "Upload and preview")
