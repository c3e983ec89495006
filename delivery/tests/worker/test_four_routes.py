"""Each row of the routing table, over real SMTP servers with TLS and sign-in: the right server, From and Reply-To."""

import pytest
from django.conf import LazySettings

from delivery.api import send
from delivery.models import Delivery, Email
from delivery.outbox.route_cache import clear_routes
from delivery.worker.queue_run import QueueRun
from messages.models import Mailbox
from people.models import User
from smtp_settings.choices import Policy, Security, State
from smtp_settings.models import SmtpServer
from testing.factories import give_own_smtp, make_application, make_domain, make_server, switch_on_platform_smtp
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.correspondence import write
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def platform(smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """The platform's custom SMTP, switched on: implicit TLS, signed in."""
    server = smtp_server_factory("IMPLICIT_TLS", sign_in_required=True)
    switch_on_platform_smtp(make_server(secret="secret", sender_address="mail@platform.test", **server.fields))
    return server


@pytest.fixture
def acmes(acme: WhiteLabel, smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """Acme's own SMTP, switched on: STARTTLS, signed in."""
    server = smtp_server_factory(sign_in_required=True)
    row = make_server(
        Policy.WHITE_LABEL, scope_key=acme.scope_key, secret="secret", sender_address="hello@acme.test", **server.fields
    )
    give_own_smtp(acme, row)
    return server


def deliver(application: Application | None) -> Delivery:
    email = send(
        application,
        to="Eve <eve@users.test>",
        subject="Hi",
        text="Text",
        sender_name="Shop",
        sender_address="s@acme.test",
    )
    return drained(email)


def drained(email: Email) -> Delivery:
    delivery = email.deliveries.get()
    clear_routes()
    QueueRun(delivery.server_key).run()
    delivery.refresh_from_db()
    return delivery


def test_1_own_smtp_of_the_white_label(
    alice: User, acme: WhiteLabel, acmes: LoopbackSmtpServer, platform: LoopbackSmtpServer
) -> None:
    delivery = deliver(make_application(alice, acme))
    (mail,) = acmes.messages
    assert (mail.tls, mail.user, mail.sender, mail.recipients) == (True, "user", "hello@acme.test", ("eve@users.test",))
    assert (mail.parsed["From"], mail.parsed["Reply-To"]) == ("Sender <hello@acme.test>", "Shop <s@acme.test>")
    assert (delivery.status, delivery.attempts.get().rule, platform.messages) == ("SENT", 1, [])


def test_2_active_domain_on_the_platforms_smtp(alice: User, acme: WhiteLabel, platform: LoopbackSmtpServer) -> None:
    make_domain(acme, "acme.test")
    delivery = deliver(make_application(alice, acme))
    (mail,) = platform.messages
    assert (mail.tls, mail.user, mail.sender) == (True, "user", "s@acme.test")
    assert (mail.parsed["From"], mail.parsed["Reply-To"]) == ("Shop <s@acme.test>", None)
    assert (delivery.status, delivery.attempts.get().rule) == ("SENT", 2)


def test_3_platforms_sender_with_the_wanted_one_as_reply_to(
    charlie: User, acme: WhiteLabel, acmes: LoopbackSmtpServer, platform: LoopbackSmtpServer
) -> None:
    make_domain(acme, "acme.test")
    delivery = deliver(make_application(charlie, acme))
    (mail,) = platform.messages
    assert (mail.sender, mail.parsed["From"]) == ("mail@platform.test", "Sender <mail@platform.test>")
    assert mail.parsed["Reply-To"] == "Shop <s@acme.test>"
    assert (delivery.status, delivery.attempts.get().rule, acmes.messages) == ("SENT", 3, [])


def test_4_server_default_of_the_environment(
    alice: User, smtp_server_factory: SmtpServerFactory, settings: LazySettings
) -> None:
    server = smtp_server_factory(Security.NONE, tls=None)
    settings.DEFAULT_SMTP = {
        "host": "127.0.0.1", "port": server.port, "security": "NONE", "auth": "NONE", "username": "", "password": "",
    }  # fmt: skip
    delivery = deliver(make_application(alice))
    (mail,) = server.messages
    assert (mail.tls, mail.sender, mail.parsed["Reply-To"]) == (False, "no-reply@localhost", "Shop <s@acme.test>")
    assert (delivery.status, delivery.attempts.get().rule, delivery.attempts.get().server) == ("SENT", 4, None)


def test_changing_the_owner_reroutes_mail_that_still_waits(
    alice: User, charlie: User, acme: WhiteLabel, acmes: LoopbackSmtpServer, platform: LoopbackSmtpServer
) -> None:
    application = make_application(alice, acme)
    email = send(application, to="eve@users.test", subject="Hi", text="Text")
    application.owner = charlie
    application.save()
    drained(email)
    assert drained(email).status == "SENT"
    assert (len(acmes.messages), len(platform.messages)) == (0, 1)


def test_a_paused_server_holds_mail_visibly_and_sends_it_once_released(
    alice: User, acme: WhiteLabel, acmes: LoopbackSmtpServer, platform: LoopbackSmtpServer
) -> None:
    assert acme.server
    acme.server.pause("The password was refused.")
    delivery = deliver(make_application(alice, acme))
    assert (delivery.status, delivery.status_reason) == (
        "HELD",
        "The SMTP server of Acme is paused: The password was refused.",
    )
    SmtpServer.objects.filter(pk=acme.server.pk).update(state=State.VERIFIED, pause_reason="")
    delivery.retry()
    assert (drained(delivery.email).status, len(acmes.messages), platform.messages) == ("SENT", 1, [])


def test_what_the_product_writes_about_a_white_label_leaves_from_the_platforms_address_under_its_name(
    alice: User, acme: WhiteLabel, platform: LoopbackSmtpServer, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    acme.admins.set([alice])
    write(sender=Mailbox.platform(), receiver=acme.mailbox, subject="Hi", body="Text", author=None)
    delivery = drained(Email.objects.get())
    (mail,) = platform.messages
    assert (mail.sender, mail.parsed["From"]) == ("mail@platform.test", "Acme Apps <mail@platform.test>")
    assert [part.get_content_type() for part in mail.parsed.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert "The platform writes in the name of Acme Apps." in delivery.attempts.get().reasons
