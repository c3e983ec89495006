"""The pages of keys in both consoles."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gateway.choices import Maker, State
from gateway.keys.authentication import Refusal, authenticate
from gateway.models import Key
from people.models import AuditEntry, User
from smtp_settings.models import Communication
from testing.factories import make_application, make_key, make_key_and_secret
from whitelabel.models import Application, WhiteLabel

OWNERS, ALICES = "/backoffice/keys/", "/whitelabel/keys/"
SECRET = re.compile(r"bo_mail_[a-z0-9]{12}_[A-Za-z0-9]{46}")
HOME = "203.0.113.7"


@pytest.fixture(autouse=True)
def _open_doors(settings: LazySettings) -> None:
    settings.SUBMISSION_HOST, settings.API_URL = "smtp.platform.test", "https://platform.test/api"


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def alices(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def owners(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def makes(client: Client, address: str, shop: Application | None, /, **values: Any) -> Any:
    fields = {"application": shop.pk if shop else "", "name": "Shop server", "scopes": ["send"], **values}
    return client.post(f"{address}add/", fields)


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def secret_in(answer: Any) -> str:
    return SECRET.findall(answer.content.decode())[0]


@pytest.mark.parametrize(("address", "maker"), [(OWNERS, Maker.PLATFORM), (ALICES, Maker.WHITE_LABEL)])
def test_a_key_is_made_and_shown_once(
    address: str, maker: Maker, alices: Client, owners: Client, shop: Application
) -> None:
    client = owners if maker == Maker.PLATFORM else alices
    answer = makes(client, address, shop)
    key = Key.objects.get()
    assert authenticate(secret_in(answer), HOME) == key
    assert (key.maker, key.application) == (maker, shop)
    assert "no-store" in answer["Cache-Control"]
    assert not any(SECRET.search(page_of(client, page)) for page in (address, f"{address}{key.pk}/change/"))


def test_what_to_copy_has_the_key_filled_in(alices: Client, shop: Application) -> None:
    answer = makes(alices, ALICES, shop)
    copied = re.findall(r'data-copy="([^"]*)"', answer.content.decode())
    assert len(copied) == 1 + 7
    assert all(secret_in(answer) in text for text in copied)
    assert "EMAIL_HOST = &quot;smtp.platform.test&quot;" in copied[-1]


def test_the_page_of_a_key_leaves_the_secret_out_of_it(alices: Client, alice: User, shop: Application) -> None:
    key = make_key(shop, alice)
    page = page_of(alices, f"{ALICES}{key.pk}/change/")
    assert f"Password: {key.shown}…" in page


def test_where_no_door_is_open_no_page_promises_one(
    alices: Client, owners: Client, shop: Application, settings: LazySettings
) -> None:
    settings.SUBMISSION_HOST = settings.API_URL = ""
    answer = makes(alices, ALICES, shop).content.decode()
    key = Key.objects.get()
    for page in (answer, page_of(alices, ALICES), page_of(alices, f"{ALICES}add/"), page_of(owners, OWNERS)):
        assert "Keys can't be used yet" in page
        assert "SMTP settings" not in page
    for client, console in ((alices, "/whitelabel/"), (owners, "/backoffice/")):
        assert f'href="{console}keys/"' not in page_of(client, console)
        assert "keys/add/" not in page_of(client, f"{console}applications/{shop.pk}/change/")
    assert page_of(owners, f"{OWNERS}{key.pk}/change/")


def test_where_a_door_is_open_menu_and_applications_lead_to_the_keys(
    alices: Client, owners: Client, shop: Application
) -> None:
    for client, console in ((alices, "/whitelabel/"), (owners, "/backoffice/")):
        assert f'href="{console}keys/"' in page_of(client, console)
        address = f"{console}keys/add/?application={shop.pk}"
        assert address in page_of(client, f"{console}applications/{shop.pk}/change/")
        assert f'<option value="{shop.pk}" selected>' in page_of(client, address)


def test_the_owner_makes_keys_that_provision(owners: Client, owner: User) -> None:
    answer = makes(owners, OWNERS, None, scopes=["provision"])
    key = Key.objects.get()
    assert authenticate(secret_in(answer), HOME) == key
    assert "https://platform.test/api/applications" in answer.content.decode()
    assert "None: a key of the platform" in page_of(owners, f"{OWNERS}{key.pk}/change/")


def test_every_choice_is_kept(alices: Client, shop: Application) -> None:
    day = timezone.now().date() + timedelta(days=30)
    makes(alices, ALICES, shop, scopes=["send", "domains"], ends_on=day, networks="203.0.113.7\n10.0.0.0/8", test="on")
    key = Key.objects.get()
    assert (key.scopes, key.ends_on, key.networks, key.test) == (
        "domains send",
        day,
        "203.0.113.7/32 10.0.0.0/8",
        True,
    )


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": ""}, "This field is required."),
        ({"scopes": []}, "Choose what the key may do."),
        ({"scopes": ["everything"]}, "everything is not one of the available choices"),
        ({"networks": "example.com"}, "example.com is not a network"),
        ({"ends_on": "2020-01-01"}, "This day is over."),
        ({"ends_on": "soon"}, "Enter a valid date."),
        ({"application": "x"}, "Select a valid choice."),
        ({"application": ""}, "Choose the application that the key is for."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_made(
    values: dict[str, object], says: str, alices: Client, shop: Application
) -> None:
    answer = makes(alices, ALICES, shop, **values)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert answer.content.decode().count('class="field-errors"') == 1
    assert not Key.objects.exists()


@pytest.mark.parametrize(
    ("application", "scopes"), [(False, ["send"]), (True, ["provision"]), (True, ["send", "provision"])]
)
def test_the_owner_is_told_what_does_not_go_together(
    application: bool, scopes: list[str], owners: Client, shop: Application
) -> None:
    answer = makes(owners, OWNERS, shop if application else None, scopes=scopes)
    assert answer.status_code == 422
    assert answer.content.decode().count('class="field-errors"') == 1


def test_a_white_label_is_not_offered_to_provision(alices: Client, shop: Application) -> None:
    assert "Provision" not in page_of(alices, f"{ALICES}add/")
    assert makes(alices, ALICES, shop, scopes=["provision"]).status_code == 422


def test_a_white_label_makes_no_key_for_anothers_application(
    alices: Client, charlie: User, globex: WhiteLabel, shop: Application
) -> None:
    foreign = make_application(charlie, globex, "Tickets")
    answers = [makes(alices, ALICES, application) for application in (foreign, Application(pk=999_999))]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("That choice is not one of the available choices" in answer.content.decode() for answer in answers)
    assert not Key.objects.exists()
    assert "Tickets" not in page_of(alices, f"{ALICES}add/?application={foreign.pk}")


def test_posting_more_than_the_form_asks_changes_nothing(alices: Client, alice: User, shop: Application) -> None:
    more = {
        "maker": "PLATFORM",
        "prefix": "a" * 12,
        "sealed_hash": "x",
        "made_by": 1,
        "confirmed_owner": "",
        "used_from": "x",
    }
    makes(alices, ALICES, shop, **more)
    key = Key.objects.get()
    assert (key.maker, key.made_by, key.confirmed_owner, key.used_from) == (Maker.WHITE_LABEL, alice, alice, "")
    assert key.prefix != "a" * 12


@pytest.mark.parametrize("page", ["change/", "revoke/", "confirm/", "history/", "delete/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_charlie_finds_no_key_of_acme(
    page: str, method: str, client: Client, charlie: User, globex: WhiteLabel, shop: Application, alice: User
) -> None:
    key = make_key(shop, alice)
    client.force_login(charlie)
    answer = getattr(client, method)(f"{ALICES}{key.pk}/{page}")
    absent = getattr(client, method)(f"{ALICES}999999/{page}")
    assert (answer.status_code, answer.content) == (absent.status_code, absent.content)
    assert Key.objects.get().state == State.IN_USE


def test_a_key_is_revoked_by_a_post_alone(alices: Client, alice: User, shop: Application) -> None:
    key, secret = make_key_and_secret(shop, alice)
    assert alices.get(f"{ALICES}{key.pk}/revoke/").status_code == 405
    page = alices.post(f"{ALICES}{key.pk}/revoke/", follow=True).content.decode()
    assert "Shop server was revoked" in page
    assert "by alice@acme.test" in page
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_a_white_label_sees_but_does_not_revoke_what_the_platform_made(
    alices: Client, owner: User, shop: Application
) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_name": "Builder Support"})
    key = make_key(shop, owner, Maker.PLATFORM)
    page = page_of(alices, f"{ALICES}{key.pk}/change/")
    assert "by Builder Support" in page
    assert owner.email not in page
    assert "Revoke this key" not in page
    assert alices.post(f"{ALICES}{key.pk}/revoke/").status_code == 403
    assert Key.objects.get().state == State.IN_USE


def test_the_new_side_confirms_and_does_not_learn_who_the_old_one_was(
    client: Client, alice: User, charlie: User, globex: WhiteLabel, shop: Application
) -> None:
    key, secret = make_key_and_secret(shop, alice)
    shop.owner, shop.white_label = charlie, globex
    shop.save()
    client.force_login(charlie)
    page = page_of(client, f"{ALICES}{key.pk}/change/")
    assert "acme" not in page.lower()
    assert "Confirm this key" in page
    page = client.post(f"{ALICES}{key.pk}/confirm/", follow=True).content.decode()
    assert "Shop server was confirmed." in page
    assert authenticate(secret, HOME) == key


def test_the_old_side_finds_its_keys_no_more(
    alices: Client, alice: User, charlie: User, globex: WhiteLabel, shop: Application
) -> None:
    key = make_key(shop, alice)
    shop.owner, shop.white_label = charlie, globex
    shop.save()
    assert alices.get(f"{ALICES}{key.pk}/change/").status_code == 404
    assert alices.post(f"{ALICES}{key.pk}/confirm/").status_code == 404
    assert "Shop server" not in page_of(alices, ALICES)


def test_the_new_side_is_asked_on_its_first_page(
    client: Client, alice: User, charlie: User, globex: WhiteLabel, shop: Application
) -> None:
    make_key(shop, alice)
    client.force_login(charlie)
    assert "has changed hands" not in page_of(client, "/whitelabel/")
    shop.owner, shop.white_label = charlie, globex
    shop.save()
    assert "Shop has changed hands; confirm the key or revoke it." in page_of(client, "/whitelabel/")


def test_the_owner_is_told_which_keys_another_white_label_stops(
    owners: Client, alice: User, globex: WhiteLabel, shop: Application
) -> None:
    make_key(shop, alice)
    address = f"/backoffice/applications/{shop.pk}/change/"
    fields = {"name": "Shop", "daily_limit": 0, "white_label": globex.pk}
    said = "confirms them: Shop server."
    assert said in owners.post(address, fields, follow=True).content.decode()
    assert said not in owners.post(address, fields, follow=True).content.decode()


def test_the_owner_sees_which_keys_stop_before_the_change(
    owners: Client, alice: User, bob: User, charlie: User, shop: Application
) -> None:
    make_key(shop, alice)
    page = f"/backoffice/applications/{shop.pk}/owner/?owner="
    assert "1 key will stop" in page_of(owners, f"{page}{charlie.pk}")
    assert "will stop" not in page_of(owners, f"{page}{bob.pk}")


def test_why_a_key_was_refused_is_on_its_page(alices: Client, alice: User, shop: Application) -> None:
    key, secret = make_key_and_secret(shop, alice, networks="198.51.100.0/24")
    authenticate(secret, HOME)
    page = page_of(alices, f"{ALICES}{key.pk}/change/")
    assert f"from {HOME}. The address is in none of the key&#x27;s networks." in page


def test_each_act_is_in_the_audit_log_without_the_secret(
    alices: Client, owners: Client, alice: User, charlie: User, shop: Application
) -> None:
    secret = secret_in(makes(alices, ALICES, shop))
    key = Key.objects.get()
    shop.hand_over(charlie, previous=alice.pk)
    alices.post(f"{ALICES}{key.pk}/confirm/")
    alices.post(f"{ALICES}{key.pk}/revoke/")
    entries = AuditEntry.objects.filter(act__startswith="key.").order_by("pk")
    assert [entry.act for entry in entries] == ["key.make", "key.confirm", "key.revoke"]
    assert {entry.person for entry in entries} == {alice}
    stored = str([entry.changes for entry in entries])
    assert secret.rpartition("_")[2] not in stored
    assert "v1." not in stored
    log = page_of(owners, "/backoffice/audit/")
    assert "Make a key" in log
    assert "Revoke a key" in log
    assert "Key Shop server" in log


def test_a_use_meanwhile_is_no_change_of_the_audit_log(alices: Client, alice: User, shop: Application) -> None:
    key, secret = make_key_and_secret(shop, alice)
    authenticate(secret, HOME)
    alices.post(f"{ALICES}{key.pk}/revoke/")
    fields = {change["field"] for change in AuditEntry.objects.get(act="key.revoke").changes}
    assert fields == {"revoked_at", "revoked_by", "sealed_hash"}


def test_a_key_is_found_by_what_somebody_found(owners: Client, alice: User, shop: Application) -> None:
    key, secret = make_key_and_secret(shop, alice)
    other = make_key(shop, alice, name="Other")
    for typed in (key.shown, f"{key.shown}_", secret, key.prefix, "server"):
        page = owners.get(OWNERS, {"q": typed}, follow=True).content.decode()
        assert key.shown in page
        assert other.shown not in page


def test_a_whole_secret_stays_in_no_address(owners: Client, alice: User, shop: Application) -> None:
    key, secret = make_key_and_secret(shop, alice)
    answer = owners.get(OWNERS, {"q": f"shop {secret}", "state": "IN_USE"})
    assert answer["Location"] == f"{OWNERS}?q=shop+{key.prefix}&state=IN_USE"


@pytest.mark.parametrize("state", State)
def test_the_list_is_filtered_by_status(state: State, owners: Client, alice: User, shop: Application) -> None:
    make_key(shop, alice)
    page = page_of(owners, f"{OWNERS}?state={state}")
    assert ("Shop server" in page) == (state == State.IN_USE)


@pytest.mark.parametrize("query", ["", "?state=IN_USE"])
def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(
    query: str, alices: Client, alice: User, shop: Application
) -> None:
    counts = []
    for name in ("One", "Two", "Three", "Four"):
        make_key(shop, alice, name=name)
        with CaptureQueriesContext(connection) as queries:
            alices.get(f"{ALICES}{query}")
        counts.append(len(queries))
    assert counts[1:] == [counts[-1]] * 3


def test_a_form_that_is_sent_twice_makes_one_key(alices: Client, shop: Application) -> None:
    makes(alices, ALICES, shop)
    again = makes(alices, ALICES, shop)
    assert again.status_code == 422
    assert "There is a key of this name already." in again.content.decode()
    assert Key.objects.count() == 1


def test_no_log_hears_of_a_secret(alices: Client, shop: Application, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secret = secret_in(makes(alices, ALICES, shop))
    authenticate(secret, HOME)
    authenticate(f"{secret}x", HOME)
    assert secret.rpartition("_")[2] not in caplog.text


def test_a_deleted_application_takes_its_keys_along(owners: Client, alice: User, shop: Application) -> None:
    make_key(shop, alice)
    owners.post(f"/backoffice/applications/{shop.pk}/delete/", {"post": "yes"})
    assert not Key.objects.exists()
    assert not Application.objects.exists()


def test_a_form_opened_in_another_white_label_makes_no_key(
    alices: Client, alice: User, globex: WhiteLabel, shop: Application
) -> None:
    globex.admins.add(alice)
    makes(alices, ALICES, shop, in_white_label=globex.pk)
    assert not Key.objects.exists()
    assert 'name="in_white_label"' in page_of(alices, f"{ALICES}add/")
