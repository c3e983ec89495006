"""Accept for a key what was prepared a while ago."""

import pytest

from delivery import api
from gateway.acceptance import accept
from gateway.choices import Maker
from gateway.keys.authentication import KeyStopped
from people.models import User
from testing.factories import make_application, make_key_and_secret
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def test_mail_is_logged_for_the_side_that_has_the_application_when_it_is_accepted(
    shop: Application, owner: User, charlie: User, globex: WhiteLabel
) -> None:
    key, _ = make_key_and_secret(shop, owner, Maker.PLATFORM)
    prepared = api.prepare(key.application, to="dana@customer.test", subject="Hello", text="It works.")
    shop.owner, shop.white_label = charlie, globex
    shop.save()
    email = accept(key, [prepared])[0]
    email.refresh_from_db()
    assert email.white_label == globex
    assert email.deliveries.get().tenant == globex.pk


@pytest.mark.parametrize("archived", [False, True])
def test_nothing_is_accepted_for_a_key_that_stopped_in_between(archived: bool, shop: Application, alice: User) -> None:
    key, _ = make_key_and_secret(shop, alice)
    prepared = api.prepare(key.application, to="dana@customer.test", subject="Hello", text="It works.")
    if archived:
        shop.archive()
    else:
        key.revoke(by=alice)
    with pytest.raises(KeyStopped):
        accept(key, [prepared])
