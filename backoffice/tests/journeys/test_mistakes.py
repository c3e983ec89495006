"""In a browser: a form that is refused comes back (422) with its summary read out, at the first field to be mended."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from messages.models import Mailbox
from messages.posting import open_thread
from people.models import User
from testing import factories
from testing.browser import NARROW, fill, screenshot, sign_in
from whitelabel.domains import lifecycle
from whitelabel.models import WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("valkey")]


@dataclass(frozen=True)
class Mistake:
    """`typed` into the form of `button`, which refuses what it says of the field whose label begins with `at`."""

    page: str
    button: str
    at: str
    typed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.page} {self.button}"


OWNERS = (
    Mistake("domains/{domain}/change/", "Approve and send the records", "Value", {"Name": "bounces"}),
    Mistake("domains/{domain}/change/", "Refuse", "Reason"),
    Mistake("domains/{domain}/change/", "Send message", "Write a message"),
    Mistake("messages/new/", "Send message", "To", {"Subject": "News", "Message": "Read this."}),
    Mistake("messages/{thread}/", "Send reply", "Message"),
    Mistake("people/add/", "Save", "E-mail", {"E-mail": "nobody"}),
    Mistake("applications/add/", "Save", "Name"),
    Mistake("white-labels/add/", "Save", "Name"),
    Mistake("settings/communication/", "Save", "Host", {"Host": "", "Username": "user"}),
    Mistake("settings/communication/second/", "Save", "Sender address", {"Port": "2525"}),
)
ADMINS = (
    Mistake("email/", "Send request", "Domain", {"Domain": "no domain"}),
    Mistake("email/", "Save", "Sender address", {"Host": "smtp.acme.example", "Username": "user"}),
    Mistake("messages/new/", "Send message", "Subject", {"Message": "Read this."}),
    Mistake("messages/{thread}/", "Send reply", "Message"),
    Mistake("people/", "Send the invitation", "E-mail address", {"Name": "Dora", "E-mail address": "dora"}),
)


@pytest.fixture
def ids(alice: User, acme: WhiteLabel) -> dict[str, int]:
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed="mail.acme.test", note="")
    thread = open_thread(sender=Mailbox.platform(), receiver=acme.mailbox, subject="Hello", body="x")
    factories.make_application(alice, acme)
    factories.switch_on_platform_smtp(factories.make_server())
    return {"domain": domain.pk, "thread": thread.pk}


@pytest.mark.parametrize("mistake", OWNERS, ids=str)
def test_a_form_of_the_platform(page: Page, owner: User, ids: dict[str, int], mistake: Mistake) -> None:
    sign_in(page, owner)
    is_shown_where_it_is(page, f"/backoffice/{mistake.page.format(**ids)}", mistake)


@pytest.mark.parametrize("mistake", ADMINS, ids=str)
def test_a_form_of_a_white_label(page: Page, alice: User, ids: dict[str, int], mistake: Mistake) -> None:
    page.set_viewport_size(NARROW)
    sign_in(page, alice)
    is_shown_where_it_is(page, f"/whitelabel/{mistake.page.format(**ids)}", mistake)


def is_shown_where_it_is(page: Page, address: str, mistake: Mistake) -> None:
    page.goto(address)
    for fold in page.locator("details.option:not([open]) > summary").all():
        fold.click()
    button = page.get_by_role("button", name=mistake.button, exact=True).first
    button.evaluate("button => { button.form.id ||= 'tried'; }")
    fill(page.locator(f"#{button.evaluate('button => button.form.id')}"), mistake.typed)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        button.click()
    assert answer.value.status == 422
    at_fault = page.locator("form *:focus")
    expect(at_fault).to_have_attribute("aria-invalid", "true")
    expect(at_fault).to_have_accessible_name(re.compile(rf"^\s*{mistake.at}"))
    expect(at_fault).to_be_in_viewport()
    summary = page.get_by_role("alert").filter(has_text="your attention")
    expect(summary).to_have_count(1)
    expect(page.locator("form:focus-within").get_by_role("alert")).to_contain_text(mistake.at)
    screenshot(page, f"mistake-{address.strip('/').replace('/', '-')}-{mistake.button}")
