"""The walls between tenants: every address of the white-label console, found by itself, with another tenant's ids.

Alice asks, by GET and by POST, for what is Charlie's; the answer must be that for an id nobody has.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from backoffice.whitelabel_console.site import whitelabel_console
from delivery.models import Attempt, Delivery, Email, Suppression
from messages.models import Mailbox, Message, Thread
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from testing.factories import give_own_smtp, make_server
from whitelabel.models import Application, DnsRecord, DomainEvent, RecordsLink, SendingDomain, WhiteLabel

THEIRS, OURS, NOBODYS = 9001, 7001, 8001
TENANTS = [
    User,
    WhiteLabel,
    Application,
    SendingDomain,
    DnsRecord,
    DomainEvent,
    RecordsLink,
    Email,
    Delivery,
    Attempt,
    Suppression,
    Thread,
    Message,
    SmtpServer,
]
CONVERTED: dict[str, Callable[[int], str]] = {
    "int": str,
    "str": str,
    "path": str,
    "slug": str,
    "uuid": lambda number: str(uuid.UUID(int=number)),
}
NAMES_OF_FIELDS = """
    id pk white_label whitelabel application owner admins server mailbox thread domain sending_domain record delivery
    email recipient status state verified is_staff is_superuser _selected_action object_id tenant scope_key sender
""".split()


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/whitelabel/") -> Iterator[str]:
    """Return every address of the console, its parameters as `<converter:name>`."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif pattern.name is not None:
            yield re.sub(r"\\?/\$$|\\Z$", "/", route.replace("^", ""))


ALL = sorted({address for address in addresses(whitelabel_console.get_urls()) if "(?P<app_label>" not in address})
WITH_ID = [address for address in ALL if "<" in address]
WITHOUT_ID = [address for address in ALL if "<" not in address]


def filled(address: str, number: int) -> str:
    """Put `number` into every parameter; an address with a kind of parameter that is not known here fails."""

    def value(found: re.Match[str]) -> str:
        return CONVERTED[found.group(1) or "str"](number)

    return re.sub(r"<(?:(\w+):)?\w+>", value, address)


def furnish(name: str, number: int) -> User:
    """Give the tenant `name` one row of everything, each with the primary key `number`; return its admin."""
    person = User.objects.create(
        pk=number, email=f"admin@{name}.test", password=make_password(None), name=f"{name} person"
    )
    tenant = WhiteLabel.objects.create(pk=number, name=name, brand_name=f"{name} brand")
    tenant.admins.add(person)
    give_own_smtp(
        tenant,
        make_server(Policy.WHITE_LABEL, scope_key=tenant.scope_key, id=uuid.UUID(int=number), host=f"smtp.{name}.test"),
    )
    application = Application.objects.create(pk=number, name=f"{name} app", owner=person, white_label=tenant)
    thread = Thread.objects.create(
        pk=number, subject=f"{name} thread", opened_by=tenant.mailbox, opened_with=Mailbox.platform()
    )
    Message.objects.create(pk=number, thread=thread, sender=Mailbox.platform(), body=f"{name} message")
    domain = SendingDomain.objects.create(pk=number, white_label=tenant, domain=f"{name}.test", thread=thread)
    DnsRecord.objects.create(pk=number, sending_domain=domain, name=f"mail.{name}.test", value=f"{name} record")
    said = {"move": "ANSWER", "side": "WHITE_LABEL", "who": f"admin@{name}.test", "words": f"{name} words"}
    DomainEvent.objects.create(pk=number, sending_domain=domain, to_state="REQUESTED", **said)
    until = timezone.now() + timedelta(days=1)
    RecordsLink.objects.create(pk=number, domain=domain, token_hash=name, made_by=person, expires_at=until)
    email = Email.objects.create(
        pk=uuid.UUID(int=number),
        application=application,
        white_label=tenant,
        message_id=f"<{name}>",
        subject=f"{name} mail",
        content=b"",
    )
    delivery = Delivery.objects.create(
        pk=number, email=email, recipient=f"{name}-customer@example.net", status="FAILED"
    )
    tried = {"server_name": f"smtp.{name}.test", "sender": f"{name} sender", "outcome": "PERMANENT", "phase": "RCPT"}
    Attempt.objects.create(pk=number, delivery=delivery, rule=1, **tried)
    address = f"{name}-nobody@example.net"
    Suppression.objects.create(pk=number, white_label=tenant, address=address, reason=f"{name} reply")
    return person


@pytest.fixture
def alices_client(client: Client, db: None) -> Client:
    furnish("globex", THEIRS)
    client.force_login(furnish("acme", OURS))
    return client


def seen(response: HttpResponse, number: int) -> tuple[int, str, str]:
    """Return what tells two answers apart, without the id that was asked for and what differs at every request."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode(errors="replace"))
    spellings = re.compile("|".join({str(number), str(uuid.UUID(int=number))}))
    return response.status_code, spellings.sub("N", response.get("Location", "")), spellings.sub("N", body)


def rows_of(number: int) -> list[dict[str, object]]:
    """Return every column of every row of the tenant with `number`."""
    return [dict(row) for model in TENANTS for row in _rows(model, number)]


def _rows(model: type[Model], number: int) -> list[dict[str, object]]:
    key = uuid.UUID(int=number) if model in (Email, SmtpServer) else number
    return list(model._default_manager.filter(pk=key).values())


def posted(number: int) -> dict[str, str]:
    return dict.fromkeys(NAMES_OF_FIELDS, str(number)) | {"action": "delete_selected", "post": "yes", "index": "0"}


def test_the_walk_finds_the_pages_that_take_an_id() -> None:
    assert any(address.startswith("/whitelabel/applications/<") for address in WITH_ID)
    assert any(address.startswith("/whitelabel/deliveries/<") for address in WITH_ID)
    assert any(address.startswith("/whitelabel/suppressed-addresses/<") for address in WITH_ID)
    assert "/whitelabel/email/domains/<int:pk>/" in WITH_ID
    assert "/whitelabel/choose/" in WITHOUT_ID


@pytest.mark.parametrize("address", WITH_ID)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_id_answers_as_an_absent_one(method: str, address: str, alices_client: Client) -> None:
    before = rows_of(THEIRS)
    ask = getattr(alices_client, method)
    theirs = ask(filled(address, THEIRS), posted(THEIRS) if method == "post" else None)
    nobodys = ask(filled(address, NOBODYS), posted(NOBODYS) if method == "post" else None)
    assert seen(theirs, THEIRS) == seen(nobodys, NOBODYS)
    assert theirs.status_code in (403, 404, 405)
    assert rows_of(THEIRS) == before


@pytest.mark.parametrize("address", WITHOUT_ID)
def test_no_page_shows_what_is_anothers(address: str, alices_client: Client) -> None:
    page = alices_client.get(address).content.decode(errors="replace")
    assert "globex" not in page.lower()


@pytest.mark.parametrize("address", WITHOUT_ID)
def test_posting_anothers_ids_and_rights_changes_nothing_of_theirs(address: str, alices_client: Client) -> None:
    before = rows_of(THEIRS)
    response = alices_client.post(address, posted(THEIRS))
    assert "globex" not in response.content.decode(errors="replace").lower()
    assert rows_of(THEIRS) == before
    alice = User.objects.get(pk=OURS)
    assert (alice.is_staff, alice.is_superuser) == (False, False)


@pytest.mark.parametrize("term", ["globex", "a", ""])
@pytest.mark.parametrize("field", ["white_label", "owner", "application", "email"])
def test_choices_are_not_looked_up_across_tenants(field: str, term: str, alices_client: Client) -> None:
    for model in ("application", "delivery", "email", "sendingdomain"):
        query = {"app_label": "whitelabel", "model_name": model, "field_name": field, "term": term}
        assert "globex" not in alices_client.get("/whitelabel/autocomplete/", query).content.decode().lower()


@pytest.mark.parametrize(
    "lookup", ["owner__password__startswith", "white_label__admins__email", "email__white_label__name__startswith", "x"]
)
@pytest.mark.parametrize("page", ["applications", "deliveries"])
def test_lists_are_not_searched_through_other_tables(page: str, lookup: str, alices_client: Client) -> None:
    response = alices_client.get(f"/whitelabel/{page}/", {lookup: "a"})
    assert response.status_code in (302, 400)


@pytest.mark.parametrize(
    "query", ["status__exact=FAILED", "email__application__id__exact=7001", "email__accepted_at_from_0=2026-01-01"]
)
def test_lists_are_filtered_by_their_own_filters(query: str, alices_client: Client) -> None:
    assert alices_client.get(f"/whitelabel/deliveries/?{query}").status_code == 200


def test_strangers_reach_no_page(client: Client, db: None) -> None:
    furnish("globex", THEIRS)
    for address in ALL:
        if address not in ("/whitelabel/login/", "/whitelabel/logout/"):
            response = client.get(filled(address, THEIRS))
            assert response.status_code in (302, 404), address
            assert "globex" not in response.content.decode(errors="replace").lower()
