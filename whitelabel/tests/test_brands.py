"""A name that receivers would take for another white-label's, or the platform's, is nobody else's to use."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from people.models import User
from smtp_settings.models import Communication
from smtp_settings.scope import SECOND
from testing.factories import give_own_smtp, make_application, make_domain, make_server, switch_on_platform_smtp
from whitelabel import brands
from whitelabel.brands import forget_brands, is_anothers
from whitelabel.models import WhiteLabel
from whitelabel.routing import Address, route_for

pytestmark = pytest.mark.django_db
LIKE_ACME = [
    *("Acme", "ACME APPS", "acme-apps", "AcmeApps", "A c m e", "Acme Support", "The Acme Apps Team", "“Acme”"),
    *("(acme)", "\u0410cme", "\u0391cme", "Acm\u0435 Apps", "Ácmè", "Ac\u200bme", "\u202eAcme", "AC\uff2dE"),
    *("\U0001d400cme", "Acrne", "Acr\u200bne", "Ac\u00adme"),
]
UNLIKE = ["", "Acmeology", "Lacme", "Pizza Acm", "Support", "Apps", "Globex Mail", "Shop", "Müller", "🍕", "아크메"]


@pytest.fixture
def both(acme: WhiteLabel, globex: WhiteLabel) -> tuple[WhiteLabel, WhiteLabel]:
    return acme, globex


@pytest.mark.parametrize("name", LIKE_ACME)
def test_a_name_that_reads_like_a_brand_is_its_holders_alone(name: str, both: tuple[WhiteLabel, WhiteLabel]) -> None:
    acme, globex = both
    assert is_anothers(name, globex.pk)
    assert is_anothers(name, None)
    assert not is_anothers(name, acme.pk)


@pytest.mark.parametrize("name", UNLIKE)
def test_any_other_name_is_everybodys(name: str, both: tuple[WhiteLabel, WhiteLabel]) -> None:
    assert not is_anothers(name, both[1].pk)


@pytest.mark.parametrize(
    ("one", "other"), [("PayPal", "PayPaI"), ("Iris", "iris"), ("Modern", "Modem"), ("0ok", "Ook")]
)
def test_letters_that_look_alike_are_one(one: str, other: str, acme: WhiteLabel, globex: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(brand_name=one)
    assert is_anothers(other, globex.pk)


def test_the_longer_of_two_brands_counts(acme: WhiteLabel, globex: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=globex.pk).update(name="Acme Pro")
    assert is_anothers("Acme Pro Support", acme.pk)
    assert not is_anothers("Acme Pro Support", globex.pk)
    assert is_anothers("Acme Pro or Acme", globex.pk)


def test_a_brand_within_ones_own_is_no_other(acme: WhiteLabel, globex: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=globex.pk).update(name="Good Old Acme")
    assert not is_anothers("Good Old Acme Support", globex.pk)
    assert is_anothers("Old Acme", globex.pk)


def test_a_word_of_everybodys_and_an_archived_brand_are_nobodys(acme: WhiteLabel, globex: WhiteLabel) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(name="Shop", brand_name="Mobile App")
    assert not is_anothers("My Mobile App Shop", globex.pk)
    WhiteLabel.objects.filter(pk=acme.pk).update(name="Acme")
    forget_brands()
    acme.archive()
    assert not is_anothers("Acme", globex.pk)


def test_a_brand_of_one_or_two_letters_is_in_too_many_names_to_be_anybodys(
    acme: WhiteLabel, globex: WhiteLabel
) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(name="Ab", brand_name="X")
    assert not is_anothers("Ab X", globex.pk)
    assert is_anothers("Globex", acme.pk)


def test_the_platforms_names_are_its_own(acme: WhiteLabel, settings: LazySettings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Initech <no-reply@initech.test>"
    switch_on_platform_smtp(make_server(sender_name="App Builder"))
    standby = make_server(scope_key=SECOND, sender_name="Second Builder")
    Communication.objects.update(standby=standby, support_name="Builder Desk")
    for name in ("Initech", "App Builder Security", "Second Builder", "Builder Desk"):
        assert is_anothers(name, acme.pk)
        assert not is_anothers(name, None)


def test_the_sender_loses_such_a_name_and_that_is_said(alice: User, acme: WhiteLabel, globex: WhiteLabel) -> None:
    switch_on_platform_smtp(make_server(sender_name="App Builder"))
    make_domain(acme)
    shop = make_application(alice, acme)
    route = route_for(shop, Address("Globex Security", "shop@acme.test"))
    assert route.sender == Address("", "shop@acme.test")
    assert any("“Globex Security” is left out, because it holds a name of" in why for why in route.reasons)
    assert route_for(shop, Address("Acme", "shop@acme.test")).sender.name == "Acme"


def test_it_is_said_where_only_what_cannot_be_seen_is_left_out(alice: User, acme: WhiteLabel) -> None:
    switch_on_platform_smtp(make_server())
    make_domain(acme)
    route = route_for(make_application(alice, acme), Address("Sh\u202eop", "shop@acme.test"))
    assert route.sender.name == "Shop"
    assert "Characters that cannot be seen are left out of the name “Shop”." in route.reasons


def test_so_does_an_answer_and_an_own_server(alice: User, acme: WhiteLabel, globex: WhiteLabel) -> None:
    switch_on_platform_smtp(make_server(sender_name="App Builder"))
    shop = make_application(alice, acme)
    route = route_for(shop, Address("Globex", "shop@elsewhere.test"))
    assert (route.sender.name, route.reply_to) == ("App Builder", Address("", "shop@elsewhere.test"))
    own = make_server("WHITE_LABEL", scope_key=acme.scope_key, sender_name="App Builder", sender_address="m@acme.test")
    give_own_smtp(acme, own)
    assert route_for(shop).sender == Address("", "m@acme.test")


def test_the_platforms_own_mail_may_name_a_white_label(globex: WhiteLabel) -> None:
    assert route_for(None, Address("Globex", "x@elsewhere.test")).reply_to == Address("Globex", "x@elsewhere.test")


def test_brands_are_read_once_a_minute(both: tuple[WhiteLabel, WhiteLabel], django_assert_num_queries: Any) -> None:
    is_anothers("Acme", None)
    with django_assert_num_queries(0):
        assert all(is_anothers(f"Acme {number}", both[1].pk) for number in range(100))
    assert brands.REMEMBERED_SECONDS <= 60


def test_a_long_name_takes_steps_by_its_length_alone() -> None:
    class Counted(dict[str, frozenset[int | None]]):
        looks = 0

        def __contains__(self, letters: object) -> bool:
            self.looks += 1
            return super().__contains__(letters)

    holders = Counted(acme=frozenset({1}))
    assert not brands.Brands(holders, most_letters=4).is_anothers("a " * 500, None)
    assert holders.looks <= 4 * 500


def test_pages_show_the_sender_that_receivers_see(
    client: Client, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    own = make_server("WHITE_LABEL", scope_key=acme.scope_key, sender_name="Globex Bank", sender_address="m@acme.test")
    give_own_smtp(acme, own)
    client.force_login(alice)
    for page in ("/whitelabel/", "/whitelabel/email/"):
        shown = client.get(page, follow=True).content.decode()
        assert "from m@acme.test." in shown
        assert "from Globex Bank" not in shown
