"""Whatever Django's `EmailMessage` is given, two parsers read that from the wire, and nothing else.

Accepted with a database, without a server: `test_injection` shows the same bytes at a real one.
"""

from email.header import Header
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from delivery.backend import OutboxBackend
from delivery.models import Email
from delivery.tests.message import reading
from delivery.tests.message.reading import Leaf, on_the_wire
from phrases.names import CONTROL, beside
from smtp_settings.header_fields import readable
from testing.properties import examples

pytestmark = [pytest.mark.django_db, pytest.mark.properties]

characters = st.characters(exclude_categories=["Cs"]).filter(lambda char: not CONTROL.match(char))
words = st.sampled_from(
    ["Nord", "Müller", "Łódź", "a,b", "(c)", "日本語", "=?utf-8?q?a=0D=0ABcc:_x@y.test?=", "\\", '"q"', "@"]
)
lines = st.one_of(st.lists(words, min_size=1, max_size=8).map(" ".join), st.text(characters, min_size=1, max_size=120))
one_line = lines.map(str.strip).filter(bool)
names = st.one_of(st.just(""), one_line.map(lambda name: name[:150].strip()))
bodies = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=200)
octets = st.binary(max_size=300)
filenames = one_line.map(lambda name: name[:150].strip(' "<>')).filter(bool)
files = st.tuples(
    filenames, octets, st.sampled_from(["application/pdf", "image/x-a_b", "application/json; x=y", "font/woff2"])
)
texts = st.tuples(
    filenames, bodies, st.sampled_from(["text/csv", "text/calendar; method=REQUEST", "text/plain; charset=utf-8"])
)
alternatives = st.tuples(
    bodies, st.sampled_from(["text/html", "TEXT/HTML", "text/x-amp-html", "text/calendar; method=REQUEST"])
)


def people(domain: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(names, max_size=3).map(
        lambda given: [(name, f"person.{number}@{domain}.test") for number, name in enumerate(given)]
    )


def accepted(message: EmailMultiAlternatives) -> bytes:
    """Return what leaves of a message that the outbox took."""
    assert OutboxBackend().send_messages([message]) == 1
    return on_the_wire(Email.objects.latest("accepted_at"))


def leaf(filename: str, content: str | bytes, mimetype: str) -> Leaf:
    kind = mimetype.partition(";")[0].lower()
    return Leaf(kind, filename, reading.lines(kind, content.encode() if isinstance(content, str) else content))


@given(
    one_line, people("to"), people("cc"), people("answers"), st.dictionaries(st.sampled_from(["X-A", "X-B"]), one_line)
)
@examples(300)
def test_the_head_is_what_was_asked_for(
    subject: str,
    to: list[tuple[str, str]],
    cc: list[tuple[str, str]],
    answers: list[tuple[str, str]],
    headers: dict[str, str],
) -> None:
    written = {
        field: [readable(*one) for one in given] for field, given in (("to", to), ("cc", cc), ("reply_to", answers))
    }
    message = EmailMultiAlternatives(subject, "Text", None, bcc=["gus@blind.test"], headers=headers, **written)  # type: ignore[arg-type]
    wire = accepted(message)
    judged = [(beside(address, name), address) for name, address in answers]  # which is tested elsewhere
    shown = {"To": to, "Cc": cc, "Reply-To": judged}
    for field, mailboxes in shown.items():
        assert (reading.mailboxes(wire, field) if mailboxes else []) == mailboxes
    assert reading.subject(wire) == subject
    fields = {field for field, mailboxes in shown.items() if mailboxes} | ({"To"} if not (to or cc) else set())
    usual = {"From", "Message-ID", "Date", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    assert reading.field_names(wire) == sorted(fields | usual | headers.keys())
    assert {name: reading.parsed(wire)[name] for name in headers} == headers
    recipients = {*(address for _, address in (*to, *cc)), "gus@blind.test"}
    assert set(Email.objects.latest("accepted_at").deliveries.values_list("recipient", flat=True)) == recipients
    assert b"gus@blind.test" not in wire


@given(
    bodies,
    st.lists(alternatives, max_size=3),
    st.lists(st.one_of(files, texts), max_size=4),
    st.sampled_from(["mixed", "related"]),
)
@examples(300)
def test_the_content_is_what_was_asked_for(
    body: str, others: list[Any], attached: list[tuple[str, Any, str]], mixed_subtype: str
) -> None:
    message = EmailMultiAlternatives("Hi", body, None, ["eve@users.test"], alternatives=others)
    message.mixed_subtype = mixed_subtype  # type: ignore[attr-defined]
    for item in attached:
        message.attach(*item)
    asked_for = [
        leaf("", body, "text/plain"),
        *(leaf("", *item) for item in others),
        *(leaf(*item) for item in attached),
    ]
    assert reading.leaves(accepted(message)) == asked_for


@given(bodies, octets, st.sampled_from(["utf-8", "iso-8859-15", "utf-16"]), one_line)
@examples(200)
def test_parts_that_were_built_elsewhere_are_what_they_were(
    text: str, content: bytes, charset: str, described: str
) -> None:
    text = text.encode(charset, "ignore").decode(charset) or "empty"
    built, loose = MIMEText(text, "x-notes", charset), MIMEBase("application", "x-loose")
    loose.set_payload(content)
    wire_form = Header(described, "utf-8")  # which a bare text is taken for in the older API
    loose["Content-Description"] = wire_form  # type: ignore[assignment]
    inner = EmailMultiAlternatives(
        described, text, "Zoë <z@inner.test>", ["a@inner.test"], alternatives=[(text, "text/html")]
    )
    message = EmailMultiAlternatives("Hi", "", None, ["eve@users.test"])
    message.attachments = [built, loose, ("inner.eml", inner, "message/rfc822")]
    wire = accepted(message)
    read = reading.leaves(wire)
    assert [item.media_type for item in read] == ["text/x-notes", "application/x-loose", "text/plain", "text/html"]
    assert read[1].content == content
    assert read[2].content == read[3].content == reading.lines("text/", text.encode())
    notes, second, carried = reading.parsed(wire).iter_parts()
    assert reading.lines("text/", notes.get_content().encode()) == reading.lines("text/", text.encode())
    assert second["Content-Description"] == described
    assert carried.get_content()["Subject"] == described
