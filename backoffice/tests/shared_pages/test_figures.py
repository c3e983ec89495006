"""The figures of mail on the pages of both consoles: exact, and each link leads to what it counts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.shared_pages.figures import in_words
from delivery.api import send
from delivery.figures.fold import fold
from delivery.figures.recount import recount
from delivery.models import Attempt, Delivery
from people.models import User
from testing.factories import make_application, make_support
from testing.queries import queries_of
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
SENT_IN_HOUR = "/backoffice/deliveries/?figure=sent&since=2026-11-30T{:02}Z&before=2026-11-30T{:02}Z"
LINK = re.compile(r'<a href="(/[^"]*deliveries/\?figure=[^"]*)">([\d,]+)</a>')


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme, "Shop")


@pytest.fixture
def tickets(charlie: User, globex: WhiteLabel) -> Application:
    return make_application(charlie, globex, "Tickets")


def mail(application: Application | None, status: str, *, hours_ago: float = 0) -> Delivery:
    """Return a delivery that was accepted so long ago and stands where it stands; a sent one took two seconds."""
    delivery = send(application, to="eve@users.test", subject="Hi", text="x").deliveries.get()
    accepted = timezone.now() - timedelta(hours=hours_ago)
    Delivery.objects.filter(pk=delivery.pk).update(
        accepted_at=accepted, status=status, finished_at=accepted + timedelta(seconds=2)
    )
    delivery.email.accepted_at = accepted
    delivery.email.save()
    return delivery


def page(client: Client, person: User, address: str) -> str:
    client.force_login(person)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_each_figure_leads_to_as_many_deliveries(
    client: Client, owner: User, shop: Application, tickets: Application
) -> None:
    for number, status in enumerate(
        ["SENT", "SENT", "FAILED", "EXPIRED", "HELD", "DEFERRED", "UNCERTAIN", "CANCELLED"]
    ):
        mail(shop, status, hours_ago=number)
        mail(tickets, status, hours_ago=number * 30)
    mail(None, "SENT")
    recount()
    for address in ("/backoffice/", "/backoffice/?period=7d", "/backoffice/?period=30d"):
        links = LINK.findall(page(client, owner, address))
        assert links
        for link, count in links:
            listed = client.get(link.replace("&amp;", "&"))
            assert listed.context["cl"].result_count == int(count), link


def test_what_was_accepted_on_the_hour_is_of_the_hour_that_begins(
    client: Client, owner: User, shop: Application
) -> None:
    mail(shop, "SENT")
    on_the_hour = datetime(2026, 11, 30, 9, tzinfo=UTC)
    Delivery.objects.update(accepted_at=on_the_hour)
    client.force_login(owner)
    for begin, count in ((8, 0), (9, 1)):
        listed = client.get(
            f"/backoffice/deliveries/?figure=sent&since=2026-11-30T{begin:02}Z&before=2026-11-30T{begin + 1:02}Z"
        )
        assert listed.context["cl"].result_count == count


def test_what_failed_and_was_given_up_is_one_figure(client: Client, owner: User, shop: Application) -> None:
    mail(shop, "FAILED")
    mail(shop, "EXPIRED")
    recount()
    links = dict(LINK.findall(page(client, owner, "/backoffice/")))
    assert {count for link, count in links.items() if "figure=failed" in link} == {"2"}


def test_a_figure_of_a_white_label_holds_nobody_elses_mail(
    client: Client, bob: User, shop: Application, tickets: Application
) -> None:
    mail(shop, "SENT")
    for _ in range(3):
        mail(tickets, "SENT")
    recount()
    for address in ("/whitelabel/", f"/whitelabel/applications/{shop.pk}/change/"):
        links = LINK.findall(page(client, bob, address))
        assert {count for _, count in links} == {"1"}
        for link, _ in links:
            assert client.get(link.replace("&amp;", "&")).context["cl"].result_count == 1


def test_an_admin_is_not_shown_what_an_application_sent_for_another_white_label(
    client: Client, bob: User, owner: User, shop: Application, globex: WhiteLabel, acme: WhiteLabel
) -> None:
    shop.white_label = globex
    shop.save()
    mail(shop, "SENT")
    shop.white_label = acme
    shop.save()
    recount()
    assert LINK.findall(page(client, bob, f"/whitelabel/applications/{shop.pk}/change/")) == []
    assert LINK.findall(page(client, owner, f"/backoffice/applications/{shop.pk}/change/"))


def test_a_filter_for_a_foreign_application_shows_nothing(
    client: Client, bob: User, acme: WhiteLabel, tickets: Application
) -> None:
    mail(tickets, "SENT")
    client.force_login(bob)
    listed = client.get(f"/whitelabel/deliveries/?figure=sent&of_application={tickets.pk}")
    assert listed.context["cl"].result_count == 0


@pytest.mark.parametrize(
    "query", ["figure=nonsense", "since=yesterday", "since=2026-13-01T00Z", "of_application=x", "of_white_label=9" * 9]
)
def test_what_is_no_figure_shows_the_whole_list(query: str, client: Client, owner: User) -> None:
    client.force_login(owner)
    assert client.get(f"/backoffice/deliveries/?{query}").status_code in (200, 302)


def test_the_list_says_what_is_counted_and_offers_all(client: Client, owner: User) -> None:
    html = page(client, owner, "/backoffice/deliveries/?figure=failed&since=2026-11-29T00Z&before=2026-11-30T00Z")
    assert "Failed: accepted from 29 Nov 2026, 00:00 to 30 Nov 2026, 00:00 UTC" in html
    assert "Show all mail" in html


def test_days_are_those_of_utc(client: Client, owner: User, shop: Application) -> None:
    owner.time_zone = "Pacific/Auckland"
    owner.save()
    mail(shop, "SENT")
    recount()
    today = datetime.now(UTC).strftime("%Y-%m-%dT00Z")
    link = next(link for link, _ in LINK.findall(page(client, owner, "/backoffice/?period=7d")) if today in link)
    assert client.get(link.replace("&amp;", "&")).context["cl"].result_count == 1


def test_each_picture_has_its_table(client: Client, owner: User, shop: Application) -> None:
    mail(shop, "SENT")
    recount()
    html = page(client, owner, "/backoffice/")
    assert html.count('<canvas role="img" aria-label=') == 2
    assert html.count("24 hours as a table") == 2
    assert html.count("<caption") == 3


def test_a_page_without_mail_says_so(client: Client, owner: User) -> None:
    html = page(client, owner, "/backoffice/")
    assert "No mail in the last 30 days." in html
    assert "<canvas" not in html


def test_the_dashboard_costs_no_more_queries_for_more_white_labels(client: Client, owner: User) -> None:
    client.force_login(owner)
    costs = []
    for number in range(6):
        person = User.objects.create_user(f"{number}@users.test")
        white_label = WhiteLabel.objects.create(name=f"W{number}", brand_name="W")
        mail(make_application(person, white_label), "SENT")
        recount()
        costs.append(queries_of(client, "/backoffice/"))
    assert costs[1] == costs[-1]


def test_a_server_shows_what_it_made_of_tries(client: Client, owner: User, shop: Application) -> None:
    for outcome in ("SENT", "SENT", "TRANSIENT"):
        Attempt.objects.create(
            delivery=mail(shop, "SENT"), rule=4, server_name="x:25", sender="x", outcome=outcome, phase="DONE"
        )
    fold()
    fold()
    html = page(client, owner, "/backoffice/")
    assert "Messages taken: 2. Tries deferred or unanswered: 1." in html


def test_support_sees_the_figures(client: Client, shop: Application) -> None:
    mail(shop, "SENT")
    recount()
    assert LINK.findall(page(client, make_support(), "/backoffice/"))


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (0.84, "0.8 s"), (2, "2 s"), (90, "1.5 min"), (7200, "2 h"), (86400, "1 d")]
)
def test_times_are_said_as_people_do(seconds: float | None, words: str) -> None:
    assert in_words(seconds) == words


def test_an_admin_filters_keys_by_their_status(client: Client, bob: User, acme: WhiteLabel) -> None:
    client.force_login(bob)
    assert client.get("/whitelabel/keys/?state=IN_USE").status_code == 200
