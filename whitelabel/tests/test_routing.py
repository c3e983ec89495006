"""The one rule: which SMTP server applies, and as whom."""

import pytest
from django.conf import LazySettings

from people.models import User
from smtp_settings.choices import Policy, State
from smtp_settings.models import Communication, SmtpServer
from testing.factories import (
    give_own_smtp,
    make_application,
    make_domain,
    make_server,
    switch_on_platform_smtp,
)
from testing.raw_sql import edit_row
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.routing import Address, route_for

WANTED = Address("Shop", "shop@elsewhere.test")


@pytest.fixture
def platform_server(db: None) -> SmtpServer:
    server = make_server(sender_address="mail@platform.test")
    switch_on_platform_smtp(server)
    return server


@pytest.fixture
def own_server(acme: WhiteLabel) -> SmtpServer:
    server = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, sender_address="mail@acme.test")
    give_own_smtp(acme, server)
    return server


def test_own_smtp_applies_to_an_application_of_an_admin(alice: User, acme: WhiteLabel, own_server: SmtpServer) -> None:
    route = route_for(make_application(alice, acme), WANTED)
    assert (route.rule, route.server, route.sender.address) == (1, own_server, "mail@acme.test")
    assert route.reply_to == WANTED


def test_own_smtp_is_not_used_for_an_application_of_somebody_else(
    charlie: User, acme: WhiteLabel, own_server: SmtpServer, platform_server: SmtpServer
) -> None:
    route = route_for(make_application(charlie, acme))
    assert (route.rule, route.server) == (3, platform_server)
    assert "not used, because this application belongs to charlie@globex.test" in route.reasons[0]


def test_an_active_domain_gives_the_sender_on_the_platforms_server(
    alice: User, acme: WhiteLabel, platform_server: SmtpServer
) -> None:
    make_domain(acme, "acme.test")
    route = route_for(make_application(alice, acme), Address("Shop", "shop@acme.test"))
    assert (route.rule, route.server, str(route.sender)) == (2, platform_server, "Shop <shop@acme.test>")
    assert route.reply_to is None


@pytest.mark.parametrize("wanted", ["shop@evilacme.test", "shop@sub.acme.test", "shop@acme.test.evil.test"])
def test_a_domain_is_matched_as_a_whole(
    wanted: str, alice: User, acme: WhiteLabel, platform_server: SmtpServer
) -> None:
    make_domain(acme, "acme.test")
    route = route_for(make_application(alice, acme), Address("", wanted))
    assert route.sender.address == "no-reply@acme.test"
    assert route.reply_to == Address("", wanted)


@pytest.mark.parametrize("state", [state for state in SendingDomain.State.values if state not in SendingDomain.LIVE])
def test_a_domain_that_is_not_live_is_not_used(
    state: str, alice: User, acme: WhiteLabel, platform_server: SmtpServer
) -> None:
    make_domain(acme, "acme.test", state)
    assert route_for(make_application(alice, acme)).rule == 3


def test_an_active_domain_is_not_used_for_an_application_of_somebody_else(
    charlie: User, acme: WhiteLabel, platform_server: SmtpServer
) -> None:
    make_domain(acme, "acme.test")
    assert route_for(make_application(charlie, acme)).rule == 3


def test_the_platforms_sender_keeps_what_was_wanted_as_reply_to(alice: User, platform_server: SmtpServer) -> None:
    route = route_for(make_application(alice), WANTED)
    assert (route.rule, route.sender.address, route.reply_to) == (3, "mail@platform.test", WANTED)


def test_without_custom_smtp_the_server_default_applies(alice: User, acme: WhiteLabel) -> None:
    make_domain(acme, "acme.test")
    route = route_for(make_application(alice, acme), WANTED)
    assert (route.rule, route.server.key, route.reply_to) == (4, "default", WANTED)


def test_a_paused_own_server_holds_the_mail(alice: User, acme: WhiteLabel, own_server: SmtpServer) -> None:
    own_server.pause("The password was refused.")
    route = route_for(make_application(alice, acme))
    assert (route.rule, route.hold) == (1, "The SMTP server of Acme is paused: The password was refused.")


def test_only_with_consent_a_paused_own_server_falls_back(
    alice: User, acme: WhiteLabel, own_server: SmtpServer, platform_server: SmtpServer
) -> None:
    give_own_smtp(acme, own_server, fall_back=True)
    own_server.pause("The password was refused.")
    route = route_for(make_application(alice, acme))
    assert (route.rule, route.server, route.hold) == (3, platform_server, "")


def test_a_draft_is_never_used(alice: User, acme: WhiteLabel, own_server: SmtpServer) -> None:
    SmtpServer.objects.update(state=State.DRAFT)
    acme.refresh_from_db()
    assert route_for(make_application(alice, acme)).hold == "The SMTP server of Acme has not passed its check."


def test_mail_of_the_platform_takes_the_platforms_route(platform_server: SmtpServer) -> None:
    assert route_for(None).rule == 3


def test_an_inactive_admin_counts_for_nothing(
    alice: User, acme: WhiteLabel, own_server: SmtpServer, platform_server: SmtpServer
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    alice.refresh_from_db()
    assert route_for(make_application(alice, acme)).rule == 3


def test_a_name_that_holds_another_address_is_left_out_and_that_is_said(
    alice: User, acme: WhiteLabel, platform_server: SmtpServer
) -> None:
    make_domain(acme)
    wanted = Address('"ceo@bank.example" via Shop', "shop@acme.test")
    route = route_for(make_application(alice, acme), wanted)
    assert (route.rule, route.sender) == (2, Address("", "shop@acme.test"))
    assert 'The name “"ceo@bank.example" via Shop” is left out' in route.reasons[-1]
    own = Address("shop@acme.test", "shop@acme.test")
    assert route_for(make_application(alice, acme), own).sender == own


def test_so_are_those_of_a_server_an_application_and_an_answer(
    alice: User, acme: WhiteLabel, platform_server: SmtpServer
) -> None:
    SmtpServer.objects.update(sender_name="ceo＠bank.example")
    route = route_for(make_application(alice, acme, "ceo@bank.example"), Address("", "shop@elsewhere.test"))
    assert (route.rule, route.sender, route.reply_to) == (
        3, Address("", "mail@platform.test"), Address("", "shop@elsewhere.test")
    )  # fmt: skip
    make_domain(acme)
    assert route_for(make_application(alice, acme, "ceo@bank.example")).sender == Address("", "no-reply@acme.test")


def test_the_sender_of_the_server_default_may_have_a_name(db: None, settings: LazySettings) -> None:
    settings.DEFAULT_FROM_EMAIL = '"Builder, Inc." <hello@builder.example>'
    assert route_for(None).sender == Address("Builder, Inc.", "hello@builder.example")


def test_a_sender_in_any_letters_can_be_written_down(acme: WhiteLabel, alice: User) -> None:
    application = make_application(alice, acme)
    make_domain(acme, "xn--bcher-kva.test", SendingDomain.State.ACTIVE)
    switch_on_platform_smtp(make_server())
    route = route_for(application, Address("Jürgen", "jürgen@bücher.test"))
    assert route.sender == Address("Jürgen", "jürgen@xn--bcher-kva.test")
    assert str(route.sender) == "Jürgen <jürgen@xn--bcher-kva.test>"


def test_a_server_that_was_put_in_anothers_place_in_the_database_holds_the_mail(
    alice: User, acme: WhiteLabel, own_server: SmtpServer, platform_server: SmtpServer
) -> None:
    shop, platforms = make_application(alice, acme), Communication.current()
    edit_row(acme, server_id=platform_server.pk)
    acme.refresh_from_db()
    assert "is somebody else's" in route_for(shop).hold
    edit_row(platforms, server_id=own_server.pk)
    assert "is somebody else's" in route_for(None).hold
    edit_row(platforms, server_id=platform_server.pk, standby_id=own_server.pk)
    platform_server.pause("It refused the sign-in twice.")
    assert route_for(None).server == platform_server
