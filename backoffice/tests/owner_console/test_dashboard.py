"""The owner's dashboard and the white-label's home."""

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from delivery.models import Delivery, Email
from messages.models import Mailbox
from messages.posting import open_thread
from people.models import User
from smtp_settings.choices import Policy
from testing.factories import (
    give_own_smtp,
    make_application,
    make_domain,
    make_server,
    make_white_label,
    switch_on_platform_smtp,
)
from testing.mail import link_in
from testing.queries import queries_of
from whitelabel.correspondence import write
from whitelabel.models import Application, SendingDomain, WhiteLabel


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def deliver(application: Application, status: str, subject: str = "Hello") -> Delivery:
    email = Email.objects.create(
        application=application,
        white_label=application.white_label,
        message_id=f"<{Email.objects.count()}@test>",
        subject=subject,
        content=b"",
    )
    return Delivery.objects.create(
        email=email,
        recipient="you@example.net",
        status=status,
        application=email.application,
        tenant=email.white_label_id or 0,
        accepted_at=email.accepted_at,
    )


def test_a_new_owner_reads_what_to_do_next(owners_client: Client) -> None:
    steps = owners_client.get("/backoffice/").context["next_steps"]
    assert [sentence for sentence, _ in steps] == [
        "Set the platform's SMTP server.",
        "Create a white-label.",
        "Create an application.",
    ]


def test_what_is_done_is_no_next_step(owners_client: Client, alice: User, acme: WhiteLabel) -> None:
    switch_on_platform_smtp(make_server())
    make_application(alice, acme)
    assert owners_client.get("/backoffice/").context["next_steps"] == []


def test_problems_requests_messages_and_paused_servers_are_shown(
    owners_client: Client, alice: User, acme: WhiteLabel
) -> None:
    deliver(make_application(alice, acme), "HELD", "A held mail")
    make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)
    open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body="You there?", author=alice)
    server = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key)
    give_own_smtp(acme, server)
    server.pause("The password was refused.")
    response = owners_client.get("/backoffice/")
    assert (response.context["requests"], response.context["unread"]) == (1, 1)
    page = response.content.decode()
    assert "A held mail" in page
    assert "The password was refused." in page


def test_the_dashboard_asks_as_many_questions_for_many_mails_as_for_few(
    owners_client: Client, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    deliver(make_application(alice, acme), "FAILED")
    for_one = queries_of(owners_client, "/backoffice/")
    for number in range(29):
        shop = make_application(charlie, globex, f"Shop {number}")
        deliver(shop, "FAILED" if number % 2 else "HELD", f"Mail {number}")
    assert queries_of(owners_client, "/backoffice/") == for_one <= 30


def test_a_white_labels_home_shows_its_own_and_nothing_else(
    client: Client, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    deliver(make_application(alice, acme, "Shop"), "FAILED", "Ours")
    deliver(make_application(charlie, globex, "Courier"), "FAILED", "Theirs")
    client.force_login(alice)
    page = client.get("/whitelabel/").content.decode()
    assert "Acme Apps" in page
    assert "Ours" in page
    assert not [word for word in ("Courier", "Theirs", "Globex") if word in page]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (None, "Next step: have your domain added"),
        (SendingDomain.State.REQUESTED, ">acme.test</a>."),
        (SendingDomain.State.ACTIVE, 'from your domain acme.test <span class="tag warn">Active, not in DNS</span>.'),
    ],
)
def test_home_says_how_mail_leaves(
    state: str | None, sentence: str, client: Client, alice: User, acme: WhiteLabel
) -> None:
    switch_on_platform_smtp(make_server())
    if state:
        make_domain(acme, "acme.test", state)
    client.force_login(alice)
    assert sentence in client.get("/whitelabel/").content.decode()


def test_a_domain_waits_while_the_platforms_smtp_is_off(client: Client, alice: User, acme: WhiteLabel) -> None:
    make_domain(acme, "xn--bcher-kva.test")
    client.force_login(alice)
    home = client.get("/whitelabel/").content.decode()
    assert "from the platform's own address." in home
    assert "From bücher.test once the platform has switched on its own SMTP server." in home
    email = client.get("/whitelabel/email/").content.decode()
    assert "Once it has, your mail comes from <strong>bücher.test</strong>." in email


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (SendingDomain.State.APPROVED, "publish its DNS records."),
        (SendingDomain.State.DEGRADED, "DNS records are gone"),
    ],
)
def test_home_says_what_waits_for_the_white_label(
    state: str, sentence: str, client: Client, alice: User, acme: WhiteLabel
) -> None:
    domain = make_domain(acme, "acme.test", state)
    client.force_login(alice)
    page = client.get("/whitelabel/").content.decode()
    assert f'<a href="/whitelabel/email/domains/{domain.pk}/">acme.test</a>: {sentence}' in page


def test_the_platforms_host_is_not_shown_to_white_labels(
    client: Client, owner: User, alice: User, acme: WhiteLabel
) -> None:
    switch_on_platform_smtp(make_server(host="secret-host.platform.test"))
    shop = make_application(alice, acme)
    client.force_login(owner)
    assert "secret-host" in client.get(f"/backoffice/applications/{shop.pk}/change/").content.decode()
    client.force_login(alice)
    for address in ("/whitelabel/", "/whitelabel/applications/", f"/whitelabel/applications/{shop.pk}/change/"):
        assert "secret-host" not in client.get(address).content.decode()


def test_an_admin_of_several_chooses_one(client: Client, alice: User, acme: WhiteLabel) -> None:
    second = make_white_label("Initech", alice)
    client.force_login(alice)
    assert "Acme Apps" in client.get("/whitelabel/").content.decode()
    client.post("/whitelabel/choose/", {"white_label": second.pk})
    assert "Initech Apps" in client.get("/whitelabel/").content.decode()


def test_a_link_from_an_email_leads_into_its_white_label(
    client: Client, owner: User, alice: User, acme: WhiteLabel, mailoutbox: list[EmailMessage]
) -> None:
    second = make_white_label("Initech", alice)
    write(sender=Mailbox.platform(), receiver=second.mailbox, subject="Hello", body="Text", author=owner)
    client.force_login(alice)
    link = link_in(str(mailoutbox[0].body)).removeprefix("http://localhost:8000")
    page = client.get(link, follow=True)
    assert page.redirect_chain == [(link.partition("?")[0], 302)]
    assert "Initech Apps" in page.content.decode()


def test_a_link_leads_into_no_white_label_of_others(
    client: Client, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    client.force_login(alice)
    for named in (str(globex.pk), "999", "x", ""):
        page = client.get("/whitelabel/?page=2", {"white_label": named}, follow=True)
        assert "Acme Apps" in page.content.decode()


def test_what_is_not_ones_own_cannot_be_chosen(
    client: Client, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    client.force_login(alice)
    for typed in (str(globex.pk), "999", "x", ""):
        assert client.post("/whitelabel/choose/", {"white_label": typed}).status_code == 404
    assert "Acme Apps" in client.get("/whitelabel/").content.decode()


def test_lists_show_only_the_white_label_that_was_chosen(client: Client, alice: User, acme: WhiteLabel) -> None:
    second = make_white_label("Initech", alice)
    make_application(alice, acme, "Shop")
    make_application(alice, second, "Payroll")
    client.force_login(alice)
    page = client.get("/whitelabel/applications/").content.decode()
    assert "Shop" in page
    assert "Payroll" not in page


def test_a_platform_owner_who_is_an_admin_sees_that_white_label_only(
    client: Client, owner: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    acme.admins.add(owner)
    make_application(charlie, globex, "Courier")
    make_application(charlie, acme, "Shop of Acme")
    client.force_login(owner)
    page = client.get("/whitelabel/applications/").content.decode()
    assert "Shop of Acme" in page
    assert "Courier" not in page
