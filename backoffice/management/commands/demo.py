"""`manage.py demo`: people, white-labels and applications to try the product with; it may be run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.models import User
from delivery.api import send
from messages.models import Mailbox
from smtp_settings.models import Communication
from whitelabel.correspondence import write
from whitelabel.models import Application, WhiteLabel
from whitelabel.requests import request_domain

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
            if not WhiteLabel.objects.exists():
                fill(owner, alice, bob, carol)


def person(email: str, name: str, **values: Any) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, PASSWORD, name=name, **values)


def fill(owner: User, alice: User, bob: User, carol: User) -> None:
    communication = Communication.get_solo()
    communication.support_name, communication.support_address = "Builder Support", "support@builder.example"
    communication.save()
    acme, globex = white_label("Acme", "#0f766e", alice), white_label("Globex", "#b45309", bob)
    applications = [
        application("Acme Shop", alice, acme, "shop@acme.example"),
        application("Acme Loyalty", carol, acme, "club@acme.example"),
        application("Globex Tickets", bob, globex, "tickets@globex.example"),
        application("Builder Status", owner, None, ""),
    ]
    correspond(acme, globex, alice, bob)
    for each in applications:
        greet(each)


def white_label(name: str, colour: str, admin: User) -> WhiteLabel:
    made = WhiteLabel.objects.create(name=name, brand_name=f"{name} Apps", brand_colour=colour)
    made.admins.add(admin)
    return made


def application(name: str, owner: User, of: WhiteLabel | None, sender: str) -> Application:
    return Application.objects.create(name=name, owner=owner, white_label=of, sender_name=name, sender_address=sender)


def correspond(acme: WhiteLabel, globex: WhiteLabel, alice: User, bob: User) -> None:
    """Leave the owner a domain request and a question to answer."""
    request_domain(white_label=acme, person=alice, typed="acme.example", note="We send about 2,000 receipts a day.")
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
