"""An address that does not exist is not tried again by the same tenant, until a person releases it."""

import pytest

from delivery.models import Delivery, Suppression
from people.models import User
from testing.factories import make_application
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acmes(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def suppressed(acmes: Application, server: LoopbackSmtpServer) -> Suppression:
    server.script("RCPT", "550 5.1.1 no such user", times=1)
    drain(accept("Nobody@users.test", application=acmes)[0])
    return Suppression.objects.get()


def test_an_unknown_address_is_put_on_the_tenants_list(suppressed: Suppression, acme: WhiteLabel) -> None:
    assert (suppressed.white_label, suppressed.address) == (acme, "nobody@users.test")
    assert suppressed.reason == "Refused (recipient): 550 5.1.1 no such user"


def test_later_mail_to_it_is_held_with_the_reason(suppressed: Suppression, acmes: Application) -> None:
    delivery = drain(accept("nobody@USERS.test", application=acmes)[0])
    assert (delivery.status, delivery.due_at) == ("HELD", None)
    assert delivery.status_reason.startswith("A server said that this address does not exist.")


def test_another_tenants_mail_to_it_goes_its_way(
    suppressed: Suppression, charlie: User, globex: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    mine = make_application(charlie, globex)
    assert drain(accept("nobody@users.test", application=mine)[0]).status == "SENT"
    assert drain(accept("nobody@users.test")[0]).status == "SENT"


def test_released_by_one_click_what_was_held_for_it_leaves(suppressed: Suppression, acmes: Application) -> None:
    held = drain(accept("nobody@users.test", application=acmes)[0])
    assert suppressed.release() == 1
    assert not Suppression.objects.exists()
    assert drain(held).status == "SENT"


def test_what_may_have_arrived_once_is_released_as_well(suppressed: Suppression, acmes: Application) -> None:
    delivery = accept("nobody@users.test", application=acmes)[0]
    Delivery.objects.filter(pk=delivery.pk).update(possible_duplicate=True)
    held = drain(delivery)
    assert Suppression.objects.of(held) == suppressed
    assert suppressed.release() == 1
    assert drain(held).status == "SENT"


def test_what_waits_for_a_person_for_another_reason_is_not_released(
    suppressed: Suppression, acmes: Application
) -> None:
    delivery = accept("nobody@users.test", application=acmes)[0]
    reason = "The server closed the connection after the whole message was sent."
    Delivery.objects.filter(pk=delivery.pk).update(status="HELD", due_at=None, status_reason=reason)
    delivery.refresh_from_db()
    assert (Suppression.objects.of(delivery), suppressed.release()) == (None, 0)


@pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_a_code_about_the_recipient_suppresses(code: str, acmes: Application, server: LoopbackSmtpServer) -> None:
    server.script("RCPT", f"550 {code} no", times=1)
    drain(accept(application=acmes)[0])
    assert Suppression.objects.get().address == "eve@users.test"
    assert drain(accept(application=acmes)[0]).status == "HELD"


@pytest.mark.parametrize("code", ["5.1.0", "5.1.4", "5.1.5", "5.1.7", "5.1.8", "5.1.9", "5.1.100"])
def test_a_code_about_somebody_else_keeps_no_later_mail_back(
    code: str, acmes: Application, server: LoopbackSmtpServer
) -> None:
    server.script("RCPT", f"550 {code} <a@acme.test>: Sender address rejected, not 5.1.1", times=1)
    delivery = drain(accept(application=acmes)[0])
    assert (delivery.status, delivery.attempt_count) == ("DEFERRED", 0)
    assert not Suppression.objects.exists()
    assert drain(accept(application=acmes)[0]).status == "SENT"


@pytest.mark.parametrize(("phase", "status"), [("MAIL", "DEFERRED"), ("DATA", "FAILED"), ("FINAL_DOT", "FAILED")])
def test_what_is_said_at_another_command_suppresses_nothing(
    phase: str, status: str, acmes: Application, server: LoopbackSmtpServer
) -> None:
    server.script(phase, "550 5.1.1 no such user", times=1)
    assert drain(accept(application=acmes)[0]).status == status
    assert not Suppression.objects.exists()
    assert drain(accept(application=acmes)[0]).status == "SENT"


@pytest.mark.parametrize("reply", ["550 5.7.1 blocked", "450 4.1.1 unknown for now", "550 no code"])
def test_other_refusals_suppress_nothing(reply: str, acmes: Application, server: LoopbackSmtpServer) -> None:
    server.script("RCPT", reply)
    drain(accept(application=acmes)[0])
    assert not Suppression.objects.exists()


def test_the_same_address_is_listed_once(
    suppressed: Suppression, acmes: Application, server: LoopbackSmtpServer
) -> None:
    held = drain(accept("nobody@users.test", application=acmes)[0])
    suppressed.release()
    server.script("RCPT", "550 5.1.1 still no such user")
    make_due(held)
    drain(held)
    assert Suppression.objects.count() == 1
