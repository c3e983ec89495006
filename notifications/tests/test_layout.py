"""What the product's e-mails look like, and what nobody can put into them."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.test import override_settings

from delivery.models import Delivery
from notifications.brand import Brand
from notifications.layout import as_html, as_text, greeting
from notifications.notification import Entry, Link, Notification
from notifications.sending import send
from testing.factories import make_white_label

HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}{% now %}&amp;"
PLAIN = Notification(
    subject="Hi",
    text="One line.\n\nAnother paragraph,\nof two lines.",
    reason="You get this e-mail because of a test.",
    button=Link("See it", "https://site.test/x/?a=1&b=2"),
    choice=Link("Choose", "https://site.test/profile/#notices"),
    below="Below.",
    name="Zoë Müller",
    brand=Brand("Acme Apps", "#ff0000", of_white_label=True),
)


class Reader(HTMLParser):
    """Collects the elements, the addresses of links and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.links, self.words = list[str](), list[str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_text_has_greeting_button_with_its_address_reason_and_choice() -> None:
    assert as_text(PLAIN) == (
        "Hello Zoë Müller,\n\nOne line.\n\nAnother paragraph,\nof two lines.\n\nSee it:\n\n"
        "https://site.test/x/?a=1&b=2\n\nBelow.\n\n--\nAcme Apps\nYou get this e-mail because of a test.\n"
        "Choose: https://site.test/profile/#notices\n"
    )


def test_the_html_says_the_same_with_one_button_whose_address_is_there_as_text() -> None:
    html = as_html(PLAIN)
    page = Reader(html)
    assert html.count('class="button"') == 1
    assert page.links.count(PLAIN.button.address) == 2  # type: ignore[union-attr]
    words = " ".join("".join(page.words).split())
    for said in ("Hello Zoë Müller,", "One line.", "of two lines.", "Below.", "Acme Apps", PLAIN.reason, "Choose"):
        assert said in words
    assert "https://site.test/x/?a=1&b=2" in words


@pytest.mark.parametrize("place", ["subject", "text", "quote", "below", "name", "reason"])
def test_what_people_wrote_is_text_in_both(place: str) -> None:
    hostile = Notification(**{**vars(PLAIN), place: HOSTILE})
    page = Reader(as_html(hostile))
    assert "img" not in page.tags
    if place not in ("subject", "name"):
        assert HOSTILE in as_text(hostile)
        assert HOSTILE in "".join(page.words)


def test_hostile_entries_brands_and_labels_are_text() -> None:
    entry = Entry(
        HOSTILE, HOSTILE, Link(HOSTILE, f"https://x.test/?{HOSTILE}"), datetime(2026, 1, 2, tzinfo=UTC), HOSTILE
    )
    page = Reader(as_html(replace(PLAIN, entries=(entry,), brand=Brand(HOSTILE), choice=Link(HOSTILE, HOSTILE))))
    assert "img" not in page.tags


def test_no_picture_script_or_stylesheet_is_fetched() -> None:
    html = as_html(replace(PLAIN, quote="Text"))
    assert not {"img", "script", "link", "iframe", "form"} & set(Reader(html).tags)
    assert "url(" not in html


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Zoë Müller", "Hello Zoë Müller,"),
        ("J. R. R. Tolkien", "Hello J. R. R. Tolkien,"),
        ("", "Hello,"),
        ("Win at http://evil.test", "Hello,"),
        ("evil.test", "Hello,"),
        ("evil\u3002test", "Hello,"),
        ("evil\uff0etest", "Hello,"),
        ("alice\uff20evil", "Hello,"),
        ("alice@acme.test", "Hello,"),
        ("Alice\r\nBcc: x", "Hello Alice Bcc: x,"),
    ],
)
def test_nobody_is_greeted_by_what_leads_away(name: str, greeted: str) -> None:
    assert greeting(name) == greeted


@pytest.mark.parametrize(
    "brand", ["Nord, Süd & Ost", 'The "Best" \\ App', "=?utf-8?q?a=0D=0ABcc:_x@y.test?=", "a\r\nBcc: v@evil.test"]
)
def test_a_name_or_subject_of_any_letters_begins_no_header(brand: str) -> None:
    send(replace(PLAIN, subject=f"Hi\r\nBcc: v@evil.test {brand}", brand=Brand(brand, of_white_label=True)), "a@b.test")
    (message,) = mail.outbox
    assert message.recipients() == ["a@b.test"]
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.compat32)
    assert parsed["Bcc"] is None
    assert len(parsed.get_all("From", [])) == 1
    assert parsed["Auto-Submitted"] == "auto-generated"


@override_settings(EMAIL_BACKEND="delivery.backend.OutboxBackend")
@pytest.mark.django_db
def test_it_leaves_under_the_white_labels_name_from_the_address_of_the_route() -> None:
    brand = make_white_label("Nord Apps").brand
    send(replace(PLAIN, brand=brand), "a@b.test")
    email = Delivery.objects.get().email
    assert (email.wanted_name, email.wanted_address, email.application) == (brand.name, "", None)
