"""`manage.py demo`: people, white-labels and applications to try the product with; it may be run again."""

from base64 import b64encode
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from delivery.api import send
from messages.models import Mailbox
from people.audit import record
from people.models import User
from smtp_settings.models import Communication
from whitelabel.correspondence import write
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle
from whitelabel.models import Application, SendingDomain, WhiteLabel

PASSWORD = "demo-password"


class Command(BaseCommand):
    help = "Fill the database with demo data; only with DEBUG on, because its passwords are known to everybody."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is made only with DEBUG on: its passwords are known to everybody.")
        with transaction.atomic():
            owner = person("owner@builder.example", "Olivia Owner", is_staff=True, is_superuser=True)
            alice, bob = person("alice@acme.example", "Alice"), person("bob@globex.example", "Bob")
            carol = person("carol@studio.example", "Carol")
            person("sam@builder.example", "Sam Support", is_staff=True)
            vera = person("vera@acme.example", "Vera Viewer")
            if not WhiteLabel.objects.exists():
                fill(owner, alice, bob, carol, vera)
                record("demo.create", who="manage.py demo")


def person(email: str, name: str, **values: Any) -> User:
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, PASSWORD, name=name, **values)


def fill(owner: User, alice: User, bob: User, carol: User, vera: User) -> None:
    communication = Communication.current()
    communication.support_name, communication.support_address = "Builder Support", "support@builder.example"
    communication.save()
    acme, globex = white_label("Acme", "#0f766e", alice), white_label("Globex", "#b45309", bob)
    acme.viewers.add(vera)
    applications = [
        application("Acme Shop", alice, acme, "shop@acme.example"),
        application("Acme Loyalty", carol, acme, "club@acme.example"),
        application("Globex Tickets", bob, globex, "tickets@globex.example"),
        application("Builder Status", owner, None, ""),
    ]
    ask_for_domains(owner, acme, alice)
    ask_for_more_domains(owner, globex, bob)
    correspond(globex, bob)
    for each in applications:
        greet(each)


def white_label(name: str, colour: str, admin: User) -> WhiteLabel:
    made = WhiteLabel.objects.create(name=name, brand_name=f"{name} Apps", brand_colour=colour)
    made.admins.add(admin)
    return made


def application(name: str, owner: User, of: WhiteLabel | None, sender: str) -> Application:
    return Application.objects.create(name=name, owner=owner, white_label=of, sender_name=name, sender_address=sender)


def ask_for_domains(owner: User, acme: WhiteLabel, alice: User) -> None:
    """Leave the owner a request to answer, Alice a question, and whoever looks after her DNS some records."""
    note = "We send about 2,000 receipts a day."
    lifecycle.request_domain(white_label=acme, person=alice, typed="acme.example", note=note)
    asked = lifecycle.request_domain(white_label=acme, person=alice, typed="bücher-von-acme.example")
    lifecycle.perform(asked.ask, "Is this the shop for books? How much mail will it send a day?", by=owner)
    approved = lifecycle.request_domain(white_label=acme, person=alice, typed="acme-news.example")
    lifecycle.perform(approved.approve, records_of(approved.domain), by=owner)
    lie_some_days_back(acme)
    active = lifecycle.request_domain(white_label=acme, person=alice, typed="acme-mail.example")
    lifecycle.perform(active.approve, records_of(active.domain), by=owner)
    lifecycle.perform(active.activate, by=owner)
    lie_some_days_back(acme)


def lie_some_days_back(white_label: WhiteLabel) -> None:
    """Let these requests not be among those that a person may send in a day."""
    SendingDomain.objects.filter(white_label=white_label).update(requested_at=timezone.now() - timedelta(days=2))


def ask_for_more_domains(owner: User, globex: WhiteLabel, bob: User) -> None:
    """One domain that Globex sends from by the owner's decision, and one that was refused."""
    active = lifecycle.request_domain(white_label=globex, person=bob, typed="globex.example")
    lifecycle.perform(active.approve, records_of(active.domain), by=owner)
    lifecycle.perform(active.activate, by=owner)
    refused = lifecycle.request_domain(white_label=globex, person=bob, typed="acme-tickets.example")
    lifecycle.perform(refused.refuse, "This looks like a domain of Acme. Please show us that it is yours.", by=owner)
    lie_some_days_back(globex)


def records_of(domain: str) -> list[Record]:
    return [
        Record("TXT", f"mail._domainkey.{domain}", f"v=DKIM1; k=rsa; p={public_key()}"),
        Record("CNAME", f"bounces.{domain}", "return.provider.example"),
    ]


@cache
def public_key() -> str:
    """Return a key as DKIM publishes it (RFC 6376 3.6.1); nobody keeps the private one."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def correspond(globex: WhiteLabel, bob: User) -> None:
    """Leave the owner a question to answer."""
    write(
        sender=globex.mailbox,
        receiver=Mailbox.platform(),
        subject="Which limit applies to our own server?",
        body="Hello,\n\nwe are thinking of our own SMTP provider. Is there a limit to the mail per minute?\n\nBob",
        author=bob,
    )


def greet(application: Application) -> None:
    send(
        application,
        to="Dana Customer <dana@customer.example>",
        subject=f"Welcome to {application.name}",
        text=f"Hello Dana,\n\nyour account with {application.name} is ready.\n",
        html=f"<h1>Welcome, Dana</h1><p>Your account with <strong>{application.name}</strong> is ready.</p>",
    )
