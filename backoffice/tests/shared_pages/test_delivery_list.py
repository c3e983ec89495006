"""The list of the delivery log: its pages, its counts, its filters, at the cost of a few queries."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.shared_pages import delivery_list
from delivery.api import send_bulk
from delivery.log import pages
from delivery.models import Delivery
from people.models import User
from testing.factories import make_application
from testing.queries import queries_of
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
LOG, OWN_LOG = "/backoffice/deliveries/", "/whitelabel/deliveries/"


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def send_much(shop: Application, count: int) -> None:
    send_bulk(shop, to=[f"user{number}@users.test" for number in range(count)], subject="News", text="x")


def page(client: Client, address: str) -> tuple[list[str], dict[str, str]]:
    """Return the recipients that a page lists, and its links by their words."""
    html = client.get(address).content.decode()
    links = dict(reversed(link) for link in re.findall(r'<a href="(\?[^"]*)"[^>]*>(\w+)</a>', html))
    return re.findall(r"user\d+@users\.test", re.sub(r"aria-label=\"[^\"]*\"", "", html)), links


def test_the_links_lead_through_the_whole_log_and_back(client: Client, owner: User, shop: Application) -> None:
    send_much(shop, 120)
    client.force_login(owner)
    seen, links = page(client, LOG)
    assert set(links) >= {"Older", "Oldest"}
    assert not {"Newer", "Newest"} & set(links)
    middle, links = page(client, LOG + links["Older"])
    last, links = page(client, LOG + links["Older"])
    assert len({*seen, *middle, *last}) == 120
    assert not {"Older", "Oldest"} & set(links)
    assert page(client, LOG + links["Newer"])[0] == middle


def test_a_filter_stays_from_page_to_page_and_a_new_one_begins_at_the_newest(
    client: Client, owner: User, shop: Application
) -> None:
    send_much(shop, 120)
    Delivery.objects.filter(pk__in=Delivery.objects.values("pk")[:60]).update(status="SENT")
    client.force_login(owner)
    _, links = page(client, f"{LOG}?status__exact=SENT")
    assert "status__exact=SENT" in links["Older"]
    html = client.get(LOG + links["Older"]).content.decode()
    assert 'name="older_than"' not in html


@pytest.mark.parametrize("place", ["older_than=x", "older_than=-1", "newer_than=99999999999999999999", "older_than="])
def test_a_page_next_to_no_delivery_is_the_newest(place: str, client: Client, owner: User, shop: Application) -> None:
    send_much(shop, 3)
    client.force_login(owner)
    assert len(page(client, f"{LOG}?{place}")[0]) == 3


def test_the_log_is_not_counted_beyond_what_people_care_for(
    client: Client, owner: User, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_much(shop, 120)
    client.force_login(owner)
    assert "120 mails" in client.get(LOG).content.decode()
    monkeypatch.setattr(pages, "COUNTED_MOST", 100)
    monkeypatch.setattr(delivery_list, "COUNTED_MOST", 100)
    assert "100+ mails" in client.get(LOG).content.decode()


def test_the_day_of_a_filter_is_a_whole_one(client: Client, owner: User, shop: Application) -> None:
    send_much(shop, 1)
    client.force_login(owner)
    day = f"{Delivery.objects.get().accepted_at:%Y-%m-%d}"
    assert page(client, f"{LOG}?accepted_at_from_0={day}&accepted_at_to_0={day}")[0]
    assert not page(client, f"{LOG}?accepted_at_to_0=2001-01-01")[0]


@pytest.mark.parametrize("value", ["x", "99999999999999999999999", "1'"])
def test_a_white_label_that_cannot_be_is_no_failure(value: str, client: Client, owner: User, shop: Application) -> None:
    client.force_login(owner)
    response = client.get(LOG, {"email__white_label__id__exact": value})
    assert response.status_code in (200, 302, 400)


def test_the_owner_filters_by_white_label(
    client: Client, owner: User, shop: Application, charlie: User, globex: WhiteLabel
) -> None:
    send_much(shop, 2)
    client.force_login(owner)
    assert page(client, f"{LOG}?email__white_label__id__exact={shop.white_label_id}")[0]
    assert not page(client, f"{LOG}?email__white_label__id__exact={globex.pk}")[0]


def test_charlie_finds_nothing_of_others_by_search(
    client: Client, charlie: User, globex: WhiteLabel, shop: Application
) -> None:
    send_much(shop, 2)
    client.force_login(charlie)
    email = Delivery.objects.all()[0].email
    for typed in ("user1@users.test", "news", email.message_id, str(email.pk)):
        assert not re.findall(r">\s*user\d@users", client.get(OWN_LOG, {"q": typed}).content.decode())


def test_somebody_elses_delivery_is_no_place_in_the_log(
    client: Client, alice: User, charlie: User, globex: WhiteLabel, shop: Application
) -> None:
    send_much(make_application(charlie, globex), 2)
    foreign = Delivery.objects.latest("pk").pk
    send_much(shop, 3)
    client.force_login(alice)
    for place in (f"older_than={foreign}", f"newer_than={foreign}"):
        assert page(client, f"{OWN_LOG}?{place}")[0] == page(client, f"{OWN_LOG}?older_than=999999")[0] != []


@pytest.mark.parametrize("console", ["owner", "whitelabel"])
@pytest.mark.parametrize("query", ["", "?q=news"])
def test_a_page_of_many_costs_no_more_queries_than_one_of_few(
    query: str, console: str, client: Client, owner: User, alice: User, shop: Application
) -> None:
    client.force_login(owner if console == "owner" else alice)
    address = reverse(f"{console}:delivery_delivery_changelist") + query
    send_much(shop, 5)
    for_few = queries_of(client, address)
    send_much(shop, 45)
    assert queries_of(client, address) <= for_few + 4


ENDS_OF_TIME = ["0001-01-01", "0001-01-02", "0001-01-09", "9999-12-31", "9999-12-29"]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("day", ENDS_OF_TIME)
def test_the_first_and_last_days_that_there_are_can_be_asked_for(
    day: str, zone: str, client: Client, owner: User, shop: Application
) -> None:
    send_much(shop, 1)
    User.objects.filter(pk=owner.pk).update(time_zone=zone)
    client.force_login(owner)
    for end in ("from", "to"):
        for typed in ("", "news", "user0@us"):
            for place in ("", "newer_than=0", "older_than=1"):
                query = f"?accepted_at_{end}_0={day}&q={typed}&{place}"
                assert client.get(LOG + query).status_code == 200, query
        assert client.get(f"/backoffice/audit/?at_{end}_0={day}&at_{end}_1=00:00").status_code == 200


TOO_MUCH = ["a@" + "\ufdfa" * 200, "x." + "\ufdfa" * 200, "\u337f" * 400, "a@" + "\U00010400" * 490, "\u337f." * 200]


@pytest.mark.parametrize("typed", TOO_MUCH, ids=range(len(TOO_MUCH)))
def test_what_is_typed_may_become_longer_than_the_database_takes(
    typed: str, client: Client, owner: User, shop: Application
) -> None:
    send_much(shop, 1)
    client.force_login(owner)
    assert client.get(LOG, {"q": typed}).status_code == 200
    assert client.get("/backoffice/search/", {"s": typed}).status_code == 200


@pytest.mark.parametrize("name", ["application__id__exact", "email__white_label__id__exact", "of_application"])
def test_an_id_beyond_all_numbers_is_no_failure_of_a_search(
    name: str, client: Client, owner: User, shop: Application
) -> None:
    client.force_login(owner)
    assert client.get(LOG, {name: "9" * 30, "q": "news"}).status_code in (200, 302, 400)
