"""The database that pages are measured on: it holds what the product itself would have written."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backoffice.load.pages import pages
from backoffice.load.seeding import MAIL_PER_AUDIT_ENTRY
from delivery.log import terms
from delivery.models import Delivery, Email
from people.audit_chain import verify
from people.models import AuditEntry, User
from testing import factories
from whitelabel.models import Application, WhiteLabel

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DELIVERIES = 2_000


@pytest.fixture
def _seeded(db: None) -> None:
    call_command("seed_load", white_labels=12, applications=60, deliveries=DELIVERIES, verbosity=0)


@pytest.mark.usefixtures("_seeded")
def test_mail_is_as_the_product_would_have_accepted_it() -> None:
    assert Delivery.objects.count() == Email.objects.count() == DELIVERIES
    for delivery in Delivery.objects.select_related("email__application").order_by("?")[:50]:
        email = delivery.email
        assert (delivery.application, delivery.tenant) == (email.application, email.white_label_id or 0)
        assert delivery.accepted_at == email.accepted_at
        assert email.application
        assert email.white_label_id == email.application.white_label_id
        expected = terms.stored(
            email.subject,
            [delivery.recipient],
            application=email.application_id,
            tenant=delivery.tenant,
            at=email.accepted_at,
        )
        assert Email.objects.filter(pk=email.pk, terms=expected).exists()


@pytest.mark.usefixtures("_seeded")
def test_the_audit_log_holds_and_goes_on() -> None:
    assert AuditEntry.objects.count() == DELIVERIES // MAIL_PER_AUDIT_ENTRY
    AuditEntry.objects.create(act="people.user.change", who="owner@people0.example")
    assert not verify().problems


@pytest.mark.usefixtures("_seeded")
def test_what_comes_after_gets_an_id_of_its_own() -> None:
    person = User.objects.create_user("alice@acme.test")
    assert Application.objects.create(name="Shop", owner=person).pk > Application.objects.earliest("pk").pk


@pytest.mark.usefixtures("_seeded")
def test_every_page_that_is_measured_opens(client: Client) -> None:
    for page in pages():
        client.force_login(page.reader)
        assert client.get(page.address).status_code == 200, page.name


def test_real_data_is_left_alone_unless_it_is_said(owner: User) -> None:
    with pytest.raises(CommandError, match="beside-real-data"):
        call_command("seed_load", white_labels=10, applications=10, deliveries=10)
    assert not Application.objects.exists()
    call_command("seed_load", white_labels=10, applications=10, deliveries=10, beside_real_data=True, verbosity=0)
    assert Application.objects.count() == 10
    assert User.objects.filter(pk=owner.pk).exists()


def test_nobody_who_was_made_can_sign_in() -> None:
    call_command("seed_load", white_labels=10, applications=10, deliveries=10, verbosity=0)
    assert not any(person.has_usable_password() for person in User.objects.all())


def test_nobody_real_is_signed_in_to_measure_pages(owner: User, alice: User, acme: WhiteLabel) -> None:
    factories.make_person("owner@people0.example")  # whom anybody may have invited
    with pytest.raises(LookupError):
        next(pages())
    call_command("seed_load", white_labels=10, applications=10, deliveries=2000, beside_real_data=True, verbosity=0)
    readers = {page.reader.email for page in pages()}
    assert readers
    assert all(re.fullmatch(r"\w+@people\d+\.example", email) for email in readers)
