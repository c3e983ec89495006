"""An application changes hands: its keys go on or stop, and people are told."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import connection

from gateway.choices import Maker, State
from gateway.keys.authentication import Refusal, authenticate
from gateway.models import Key
from messages.models import Message
from people.models import User
from testing.factories import make_application, make_key, make_key_and_secret
from whitelabel.models import Application, WhiteLabel

HOME = "203.0.113.7"
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def give_to_globex(shop: Application, charlie: User, globex: WhiteLabel) -> None:
    shop.owner, shop.white_label = charlie, globex
    shop.save()


def told(white_label: WhiteLabel) -> list[str]:
    """Return what the white-label was written."""
    return list(Message.objects.filter(thread__opened_with=white_label.mailbox).values_list("body", flat=True))


def test_keys_of_the_platform_go_on(shop: Application, owner: User, charlie: User, globex: WhiteLabel) -> None:
    key, secret = make_key_and_secret(shop, owner, Maker.PLATFORM)
    give_to_globex(shop, charlie, globex)
    assert authenticate(secret, HOME) == key
    assert told(globex) == []


def test_keys_of_the_old_side_stop(shop: Application, alice: User, charlie: User, globex: WhiteLabel) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    give_to_globex(shop, charlie, globex)
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY
    assert Key.objects.get().state == State.STOPPED


def test_both_sides_are_told_and_neither_is_named_to_the_other(
    shop: Application,
    alice: User,
    charlie: User,
    acme: WhiteLabel,
    globex: WhiteLabel,
    mailoutbox: list[EmailMessage],
) -> None:
    make_key(shop, alice)
    give_to_globex(shop, charlie, globex)
    (to_acme,), (to_globex,) = told(acme), told(globex)
    assert "Shop server (bo_mail_" in to_acme
    assert "write to the platform" in to_acme
    assert "confirm it" in to_globex
    assert {mail.to[0] for mail in mailoutbox} == {"alice@acme.test", "bob@acme.test", "charlie@globex.test"}
    assert "globex" not in to_acme.lower()
    assert "acme" not in to_globex.lower()


def test_what_goes_to_the_platform_is_told_there(
    shop: Application, alice: User, owner: User, acme: WhiteLabel, mailoutbox: list[EmailMessage]
) -> None:
    key = make_key(shop, alice)
    shop.owner, shop.white_label = owner, None
    shop.save()
    assert len(told(acme)) == 1
    (mail,) = [mail for mail in mailoutbox if mail.to == [owner.email]]
    assert f"/backoffice/keys/{key.pk}/change/" in mail.body


def test_a_colleague_of_the_same_white_label_goes_on_with_the_keys(
    shop: Application, alice: User, bob: User, acme: WhiteLabel
) -> None:
    key, secret = make_key_and_secret(shop, alice)
    shop.hand_over(bob, previous=alice.pk)
    assert authenticate(secret, HOME) == key
    assert told(acme) == []


def test_an_owner_who_is_no_admin_is_another_side(
    shop: Application, alice: User, charlie: User, acme: WhiteLabel
) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    shop.hand_over(charlie, previous=alice.pk)
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY
    assert len(told(acme)) == 1


def test_another_white_label_of_the_same_owner_is_another_side(
    shop: Application, alice: User, globex: WhiteLabel
) -> None:
    globex.admins.add(alice)
    secret = make_key_and_secret(shop, alice)[1]
    shop.white_label = globex
    shop.save()
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_an_admin_of_the_new_side_confirms_each(
    shop: Application, alice: User, charlie: User, globex: WhiteLabel
) -> None:
    key, secret = make_key_and_secret(shop, alice)
    make_key(shop, alice, name="Other")
    give_to_globex(shop, charlie, globex)
    key.refresh_from_db()
    with pytest.raises(PermissionDenied):
        key.confirm(by=alice)
    assert key.confirm(by=charlie)
    assert not key.confirm(by=charlie)
    assert authenticate(secret, HOME) == key
    assert Key.objects.in_state(State.STOPPED).count() == 1


def test_the_platform_confirms_too(
    shop: Application, alice: User, charlie: User, globex: WhiteLabel, owner: User
) -> None:
    key, secret = make_key_and_secret(shop, alice)
    give_to_globex(shop, charlie, globex)
    assert Key.objects.get().confirm(by=owner)
    assert authenticate(secret, HOME) == key


def test_a_confirmed_key_stops_again_at_the_next_change(
    shop: Application, alice: User, charlie: User, globex: WhiteLabel, acme: WhiteLabel
) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    give_to_globex(shop, charlie, globex)
    Key.objects.get().confirm(by=charlie)
    shop.owner, shop.white_label = alice, acme
    shop.save()
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_a_revoked_key_is_not_confirmed_and_nobody_is_told_of_it(
    shop: Application, alice: User, charlie: User, globex: WhiteLabel
) -> None:
    make_key(shop, alice).revoke(by=alice)
    give_to_globex(shop, charlie, globex)
    assert not Key.objects.get().confirm(by=charlie)
    assert told(globex) == []


def test_a_change_that_nothing_announced_stops_the_keys_all_the_same(
    shop: Application, alice: User, charlie: User
) -> None:
    secret = make_key_and_secret(shop, alice)[1]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE whitelabel_application SET owner_id = %s", [charlie.pk])
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_a_session_stops_with_the_key(shop: Application, alice: User, charlie: User) -> None:
    make_key(shop, alice)
    held = Key.objects.select_related("application").get()
    shop.hand_over(charlie, previous=alice.pk)
    assert not held.is_usable()
