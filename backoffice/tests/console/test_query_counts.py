"""What lists cost: a handful of queries, the same for a page of fifty rows as for one of five."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from delivery.models import Suppression
from messages.models import Mailbox
from messages.posting import open_thread
from people.models import AuditEntry, User
from testing.factories import make_application, make_domain, make_key, make_person, make_white_label
from testing.queries import queries_of
from whitelabel.models import Invitation, SendingDomain, Suspension, WhiteLabel

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15
FEW, MANY = 5, 50


def applications(number: int, acme: WhiteLabel) -> None:
    """Make one of whatever decides a route: its own white-label, an admin's, somebody else's, with a domain."""
    owner = make_person(f"person{number}@acme.test")
    other = make_white_label(f"White-label {number}", owner)
    make_domain(other, f"d{number}.test", SendingDomain.State.ACTIVE)
    make_application(owner, acme, f"App {number}")
    make_application(owner, other, f"Own app {number}")


def white_labels(number: int, acme: WhiteLabel) -> None:
    make_white_label(f"White-label {number}", make_person(f"person{number}@acme.test"))


def people(number: int, acme: WhiteLabel) -> None:
    person = make_person(f"person{number}@acme.test")
    make_white_label(f"White-label {number}", person).viewers.add(person)
    Suspension.objects.create(white_label=acme, person=person, role="ADMIN")
    Invitation.objects.create(white_label=acme, person=person, role="VIEWER", email=person.email)


def entries(number: int, acme: WhiteLabel) -> None:
    person = acme.admins.all()[0]
    thing = f"whitelabel.whitelabel {acme.pk}"
    change = {"thing": thing, "field": "name", "before": str(number), "after": "x"}
    AuditEntry.objects.create(
        act="whitelabel.whitelabel.change", person=person, who=person.email, white_label_id=acme.pk, changes=[change]
    )


def threads(number: int, acme: WhiteLabel) -> None:
    other = make_white_label(f"White-label {number}", make_person(f"person{number}@acme.test"))
    open_thread(sender=other.mailbox, receiver=Mailbox.platform(), subject="Hello", body=f"Message {number}")
    open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body=f"Message {number}")


def domains(number: int, acme: WhiteLabel) -> None:
    make_domain(acme, f"d{number}.test", SendingDomain.State.REQUESTED)


def addresses(number: int, acme: WhiteLabel) -> None:
    at = timezone.now() - timedelta(minutes=number)
    Suppression.objects.create(white_label=acme, address=f"gone{number}@users.test", reason="x", at=at)


def keys(number: int, acme: WhiteLabel) -> None:
    admin = acme.admins.all()[0]
    make_key(make_application(admin, acme, f"App {number}"), admin)


Make = Callable[[int, WhiteLabel], None]
OWNERS: dict[str, Make] = {
    "applications": applications,
    "white-labels": white_labels,
    "people": people,
    "audit": entries,
    "audit/?q=acme": entries,
    "messages": threads,
    "messages/?q=message": threads,
    "domains": domains,
    "suppressed-addresses": addresses,
    "suppressed-addresses/?q=gone": addresses,
    "keys": keys,
}
WHITE_LABELS: dict[str, Make] = {
    "applications": applications,
    "activity": entries,
    "messages": threads,
    "suppressed-addresses": addresses,
    "people": people,
}


def costs(client: Client, address: str, make: Make, acme: WhiteLabel) -> tuple[int, int]:
    """Return the number of queries with few and with many rows."""
    for number in range(FEW):
        make(number, acme)
    for_few = queries_of(client, address)
    for number in range(FEW, MANY):
        make(number, acme)
    return for_few, queries_of(client, address)


def address_of(console: str, path: str) -> str:
    return f"/{console}/{path}" if "?" in path else f"/{console}/{path}/"


@pytest.mark.parametrize("path", OWNERS)
def test_a_list_of_the_owner_costs_a_few_queries(path: str, client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    for_few, for_many = costs(client, address_of("backoffice", path), OWNERS[path], acme)
    assert for_many <= for_few
    assert for_many <= MOST_QUERIES


@pytest.mark.parametrize("path", WHITE_LABELS)
def test_a_list_of_a_white_label_costs_a_few_queries(path: str, client: Client, bob: User, acme: WhiteLabel) -> None:
    client.force_login(bob)
    for_few, for_many = costs(client, address_of("whitelabel", path), WHITE_LABELS[path], acme)
    assert for_many <= for_few
    assert for_many <= MOST_QUERIES


def of_every_state(number: int, acme: WhiteLabel) -> None:
    """Make an application of an admin and one that is not covered, and a domain."""
    states = (SendingDomain.State.REQUESTED, SendingDomain.State.VERIFYING, SendingDomain.State.ACTIVE)
    make_domain(acme, f"d{number}.test", states[number % len(states)])
    make_application(acme.admins.all()[0], acme, f"App {number}")
    make_application(make_person(f"person{number}@acme.test"), acme, f"Not covered {number}")


def test_the_page_of_e_mail_costs_no_more_for_many_domains_and_applications(
    client: Client, bob: User, acme: WhiteLabel
) -> None:
    client.force_login(bob)
    for_few, for_many = costs(client, "/whitelabel/email/", of_every_state, acme)
    assert for_many == for_few <= 25
