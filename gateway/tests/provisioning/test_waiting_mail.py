"""Mail that waits when an application is given away, archived or restored, over real SMTP servers."""

import pytest

from delivery.api import send
from delivery.models import Delivery
from gateway.tests.http.conftest import Caller
from smtp_settings.choices import Policy
from testing.factories import give_own_smtp, make_server
from testing.fixtures import SmtpServerFactory
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acmes(acme: WhiteLabel, smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """Acme's own SMTP server, switched on."""
    server = smtp_server_factory()
    give_own_smtp(acme, make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, **server.fields))
    return server


def _waiting(shop: Application) -> Delivery:
    shop.refresh_from_db()
    return send(shop, to="rita@users.test", subject="Hello", text="It works.").deliveries.get()


def _sent(delivery: Delivery) -> str:
    send_what_is_due()
    delivery.refresh_from_db()
    return delivery.status


@pytest.mark.parametrize("whole_list", [False, True])
def test_waiting_mail_takes_the_new_owners_route(
    whole_list: bool,
    acmes: LoopbackSmtpServer,
    platform_smtp: LoopbackSmtpServer,
    shop: Application,
    platform: Caller,
) -> None:
    delivery = _waiting(shop)
    if whole_list:
        platform("POST", "/sync", {"applications": [{"ref": "a-shop", "owner": "u-charlie"}]})
    else:
        platform("PATCH", "/applications/a-shop", {"owner": "u-charlie"})
    assert _sent(delivery) == Delivery.Status.SENT
    assert (len(acmes.messages), len(platform_smtp.messages)) == (0, 1)


def test_mail_of_an_archived_application_is_held_until_it_is_restored(
    acmes: LoopbackSmtpServer, shop: Application, platform: Caller
) -> None:
    delivery = _waiting(shop)
    platform("DELETE", "/applications/a-shop")
    assert _sent(delivery) == Delivery.Status.HELD
    assert (delivery.status_reason, len(acmes.messages)) == ("The application is archived.", 0)
    platform("PUT", "/applications/a-shop", {})
    assert _sent(delivery) == Delivery.Status.SENT
