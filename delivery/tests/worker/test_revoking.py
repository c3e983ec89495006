"""What is taken away takes effect for everything that is not yet at its final dot."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from delivery.models import Delivery
from delivery.outbox import route_cache
from delivery.worker.queue_run import QueueRun
from people.models import User
from smtp_settings.models import Communication, SmtpServer
from testing.factories import make_application, make_domain
from testing.mail import accept
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, SendingDomain, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acmes(alice: User, acme: WhiteLabel, server: LoopbackSmtpServer) -> Application:
    make_domain(acme, "acme.test")
    return make_application(alice, acme)


def change_while_the_message_travels(server: LoopbackSmtpServer, change: Callable[[], object]) -> Delivery:
    """Let the server hold DATA back until `change` is made and three seconds have passed."""
    seconds = 2.1

    def wait() -> str:
        threading.Event().wait(seconds)
        return "354 go on"

    server.script("DATA", wait, times=1)
    worker = threading.Thread(target=run_and_close, args=[Delivery.objects.get().server_key])
    worker.start()
    server.wait_for("DATA")
    change()
    worker.join()
    return Delivery.objects.get()


def run_and_close(server_key: str) -> None:
    try:
        QueueRun(server_key).run()
    finally:
        connection.close()


def test_with_nothing_taken_away_the_mail_leaves_as_it_was_routed(
    acmes: Application, server: LoopbackSmtpServer
) -> None:
    accept(application=acmes)
    delivery = change_while_the_message_travels(server, lambda: None)
    assert [mail.sender.endswith("@acme.test") for mail in server.received] == [True]
    assert delivery.status == "SENT"


def test_a_domain_refused_meanwhile_is_not_sent_from(acmes: Application, server: LoopbackSmtpServer) -> None:
    accept(application=acmes)
    refuse = SendingDomain.objects.filter(domain="acme.test")
    delivery = change_while_the_message_travels(server, lambda: refuse.update(state="REFUSED"))
    assert [mail.sender for mail in server.received if mail.sender.endswith("acme.test")] == []
    assert delivery.status in ("QUEUED", "SENT")
    run_and_close(delivery.server_key)
    assert [mail.sender for mail in server.received] == ["sender@platform.test"]


def test_smtp_switched_off_meanwhile_sends_nothing(acmes: Application, server: LoopbackSmtpServer) -> None:
    accept(application=acmes)
    off = Communication.objects.all()
    delivery = change_while_the_message_travels(server, lambda: off.update(custom_smtp=False))
    assert (server.received, delivery.server_key) == ([], "default")


def test_a_server_paused_meanwhile_holds_the_mail(acmes: Application, server: LoopbackSmtpServer) -> None:
    accept(application=acmes)
    delivery = change_while_the_message_travels(server, lambda: SmtpServer.objects.get().pause("Stop."))
    assert (server.received, delivery.status) == ([], "HELD")


def test_a_new_owner_takes_the_mail_another_way(acmes: Application, charlie: User, server: LoopbackSmtpServer) -> None:
    accept(application=acmes)
    change = Application.objects.get(pk=acmes.pk)
    delivery = change_while_the_message_travels(server, lambda: change.hand_over(charlie, previous=change.owner_id))
    assert {mail.sender for mail in server.received} <= {"sender@platform.test"}
    run_and_close(delivery.server_key)
    assert [mail.sender for mail in server.received] == ["sender@platform.test"]


def test_routes_are_remembered_for_less_than_the_promise() -> None:
    assert route_cache.MAX_AGE_SECONDS <= 5
