"""Addresses that were suppressed for another's fault are released by a migration, and what was held for them leaves."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from delivery.models import Delivery, Suppression
from delivery.outbox.batch import servers_with_due_mail
from people.models import User
from testing.factories import make_application
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)

MIGRATION = "0002_release_wrongly_suppressed"
WRONG = "Refused (recipient): 550 5.1.8 <a@acme.test>: Sender address rejected: Domain not found"
RIGHT = "Refused (recipient): 550 5.1.1 <eve@users.test>: User unknown"


@pytest.fixture
def acmes(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def migrate() -> None:
    """Run the migration's function with the models as they were then."""
    apps = MigrationExecutor(connection).loader.project_state(("delivery", MIGRATION)).apps
    import_module(f"delivery.migrations.{MIGRATION}").release(apps, None)


def suppress(why: str, white_label: WhiteLabel | None = None, address: str = "eve@users.test") -> Suppression:
    return Suppression.objects.create(white_label=white_label, address=address, reason=why)


def hold(why: str, application: Application, recipient: str = "Eve@users.test") -> Delivery:
    """Return mail that a worker held because its recipient was suppressed with `why`."""
    suppress(why, application.white_label, recipient.lower())
    delivery = drain(accept(recipient, application=application)[0])
    assert (delivery.status, delivery.due_at) == ("HELD", None)
    return delivery


@pytest.mark.parametrize(
    "why",
    [
        WRONG,
        "Refused (recipient): 550 5.1.8 <a@b>: see 5.1.1",
        "Refused (recipient): 550 5.1.0 <5.1.1@users.test> Sender rejected",
        "Refused (recipient): 550 5.1.100 something new",
        "Refused (recipient): 553 5.1.7",
        "Refused (recipient): 550 No such user here, 5.1.1",
        "Refused (sender): 550 5.1.1 no such user",
    ],
)
def test_what_was_said_of_somebody_else_is_released(why: str) -> None:
    suppress(why)
    migrate()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "why",
    [
        *(f"Refused (recipient): 550 5.1.{detail} no" for detail in (1, 2, 3, 6, 10)),
        "Refused (recipient): 556 5.1.10",
        "Refused (recipient): 550 5.1.1 after 5.1.8",
        "Asked by telephone to be left alone",
    ],
)
def test_what_was_said_of_the_recipient_stays_suppressed(why: str) -> None:
    suppress(why)
    migrate()
    assert Suppression.objects.get().reason == why


def test_what_was_held_for_it_is_due_again_and_is_sent(acmes: Application, server: LoopbackSmtpServer) -> None:
    delivery = hold(WRONG, acmes)
    migrate()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.status_reason) == ("QUEUED", "")
    assert delivery.due_at
    assert servers_with_due_mail(delivery.due_at) == [delivery.server_key]
    assert drain(delivery).status == "SENT"


def test_what_is_held_for_an_address_that_does_not_exist_waits_on(
    acmes: Application, server: LoopbackSmtpServer
) -> None:
    suppress(WRONG, acmes.white_label, "fay@users.test")
    delivery = hold(RIGHT, acmes)
    migrate()
    assert (drain(delivery).status, delivery.due_at) == ("HELD", None)


def test_another_tenants_mail_to_it_waits_on(
    acmes: Application, charlie: User, globex: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    mine, others = hold(WRONG, acmes), hold(RIGHT, make_application(charlie, globex))
    migrate()
    assert (drain(mine).status, drain(others).status) == ("SENT", "HELD")
    assert Suppression.objects.get().white_label == globex


def test_the_platforms_own_mail_is_released_too(server: LoopbackSmtpServer) -> None:
    suppress(WRONG)
    delivery = drain(accept()[0])
    assert delivery.status == "HELD"
    migrate()
    assert drain(delivery).status == "SENT"


def test_mail_that_may_have_arrived_is_left_to_a_person(acmes: Application, server: LoopbackSmtpServer) -> None:
    delivery = hold(WRONG, acmes)
    Delivery.objects.filter(pk=delivery.pk).update(possible_duplicate=True)
    migrate()
    assert drain(delivery).status == "HELD"


def test_more_rows_than_one_portion_are_released(
    acmes: Application, server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"delivery.migrations.{MIGRATION}.ROWS_AT_ONCE", 2)
    held = [hold(WRONG, acmes, f"user{number}@users.test") for number in range(5)]
    migrate()
    assert drain(held[0]).status == "SENT"
    assert (Suppression.objects.count(), len(server.messages)) == (0, 5)
