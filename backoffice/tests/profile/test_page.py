"""The profile: for everybody who signs in, in the layout of their console, and about themselves alone."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import LazySettings
from django.test import Client
from django.utils import translation

from people.models import AuditEntry, NoticeKind, Timing, User
from people.reading import as_read_by
from people.time_zones import names, spelled, zone
from testing.factories import make_person
from testing.queries import queries_of
from whitelabel.models import WhiteLabel

PROFILE = "/accounts/profile/"


@pytest.fixture
def alices(client: Client, alice: User, acme: WhiteLabel) -> Client:
    client.force_login(alice)
    return client


def test_strangers_are_asked_to_sign_in(client: Client, db: None) -> None:
    for page in ("", "email/", "name/", "locale/", "notices/"):
        assert client.get(f"{PROFILE}{page}").status_code in (302, 405)
        assert client.post(f"{PROFILE}{page}").status_code in (302, 405)


def test_everybody_reads_it_in_the_layout_of_their_console(
    alices: Client, alice: User, owner: User, charlie: User
) -> None:
    assert "Acme Apps" in alices.get(PROFILE).content.decode()
    for person, menu in ((owner, "/backoffice/settings/communication/"), (charlie, "To the console")):
        client = Client()
        client.force_login(person)
        page = client.get(PROFILE).content.decode()
        assert menu in page
        assert person.email in page
        assert "Acme" not in page


def test_it_is_in_the_menu_under_the_name(alices: Client) -> None:
    assert f'href="{PROFILE}"' in alices.get("/whitelabel/").content.decode()


def test_a_name_is_saved(alices: Client, alice: User) -> None:
    answer = alices.post(f"{PROFILE}name/", {"name": "Alice B."}, follow=True)
    assert answer.redirect_chain == [(f"{PROFILE}#name", 302)]
    assert "Your name is saved." in answer.content.decode().partition('id="name"')[2].partition("<form")[0]
    alice.refresh_from_db()
    assert alice.name == "Alice B."


@pytest.mark.parametrize(
    ("part", "fields", "said"),
    [
        ("name", {"name": "x" * 101}, "at most 100 characters"),
        ("name", {"name": "Alice\u2028Bcc: x"}, "Line breaks and control characters"),
        ("locale", {"time_zone": "Middle/Earth"}, "Choose a time zone from the list"),
        ("locale", {"time_zone": "../../etc/passwd"}, "Choose a time zone from the list"),
        ("locale", {"time_zone": "x" * 5000}, "at most 64 characters"),
        ("locale", {"time_zone": "Europe/Berlin\x00"}, "Null characters are not allowed"),
    ],
)
def test_a_mistake_is_said_at_its_field(
    part: str, fields: dict[str, str], said: str, alices: Client, alice: User
) -> None:
    answer = alices.post(f"{PROFILE}{part}/", fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert answer.content.decode().count('aria-invalid="true"') == 1
    alice.refresh_from_db()
    assert (alice.name, alice.time_zone) == ("", "UTC")


def test_posting_more_changes_nothing_else(alices: Client, alice: User, bob: User) -> None:
    fields = {"name": "A", "email": "x@y.test", "is_superuser": "on", "is_staff": "on", "id": str(bob.pk), "pk": "1"}
    alices.post(f"{PROFILE}name/", {**fields, "told_of_keys": "", "time_zone": "Asia/Tokyo", "is_active": ""})
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.email, alice.is_superuser, alice.is_staff, alice.is_active) == ("alice@acme.test", False, False, True)
    assert (alice.time_zone, alice.told_of_keys, bob.name) == ("UTC", Timing.AT_ONCE, "")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Europe/Berlin", "Europe/Berlin"), (" america/new york ", "America/New_York"), ("", "UTC"), ("utc", "UTC")],
)
def test_a_time_zone_is_stored_as_it_is_spelled(typed: str, stored: str, alices: Client, alice: User) -> None:
    alices.post(f"{PROFILE}locale/", {"time_zone": typed})
    alice.refresh_from_db()
    assert alice.time_zone == stored


def test_times_are_shown_in_the_readers_zone_with_its_abbreviation(client: Client, owner: User) -> None:
    person = make_person("dora@acme.test")
    User.objects.filter(pk=person.pk).update(last_login="2026-07-01T10:00Z")
    client.force_login(owner)
    address = f"/backoffice/people/{person.pk}/change/"
    assert "1 Jul 2026, 10:00 UTC" in client.get(address).content.decode()
    User.objects.filter(pk=owner.pk).update(time_zone="Europe/Berlin")
    assert "1 Jul 2026, 12:00 CEST" in client.get(address).content.decode()
    assert "1 Jul 2026, 12:00 CEST" in client.get("/backoffice/people/").content.decode()


def test_a_zone_that_is_no_more_reads_as_utc(alices: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Europe/Atlantis")
    assert alices.get(PROFILE).status_code == 200
    assert zone("Europe/Atlantis").tzname(None) == "UTC"
    alice.refresh_from_db()
    alice.full_clean()


def test_every_zone_that_is_offered_is_one() -> None:
    assert names()[0] == "UTC"
    assert {"Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata"} <= set(names())
    assert all(zone(name) and spelled(name.upper()) == name for name in names())


def test_a_language_is_chosen_only_where_there_are_several(alices: Client, alice: User, settings: LazySettings) -> None:
    assert 'name="language"' not in alices.get(PROFILE).content.decode()
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]
    assert 'name="language"' in alices.get(PROFILE).content.decode()
    alices.post(f"{PROFILE}locale/", {"language": "fr", "time_zone": "Europe/Paris"})
    assert '<html lang="fr"' in alices.get(PROFILE).content.decode()
    assert alices.post(f"{PROFILE}locale/", {"language": "xx", "time_zone": ""}).status_code == 422
    alice.refresh_from_db()
    with as_read_by(alice):
        assert translation.get_language() == "fr"


def test_a_language_that_is_offered_no_more_is_not_used(alices: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="fr")
    assert '<html lang="en"' in alices.get(PROFILE).content.decode()


def test_what_changed_is_in_the_audit_log(alices: Client, alice: User) -> None:
    alices.post(f"{PROFILE}locale/", {"time_zone": "Europe/Berlin"})
    alices.post(f"{PROFILE}locale/", {"time_zone": "Europe/Berlin"})
    entry = AuditEntry.objects.get(act="profile.change")
    assert [(change["field"], change["after"]) for change in entry.changes] == [("time_zone", "Europe/Berlin")]
    assert entry.person == alice


def test_only_who_has_a_console_is_asked_what_to_be_told_about(alices: Client, charlie: User) -> None:
    assert NoticeKind.KEYS.label in alices.get(PROFILE).content.decode()
    other = Client()
    other.force_login(charlie)
    assert NoticeKind.KEYS.label not in other.get(PROFILE).content.decode()


def test_an_owner_reads_where_the_platforms_notices_go(client: Client, owner: User) -> None:
    client.force_login(owner)
    assert "Notices to the platform go to" not in client.get(PROFILE).content.decode()


def test_the_page_of_many_sessions_costs_a_bounded_number_of_queries(alices: Client) -> None:
    with time_machine.travel("2026-11-30T10:00Z", tick=False):
        assert queries_of(alices, PROFILE) < 45


def test_the_page_is_not_kept_by_the_browser(alices: Client) -> None:
    assert "no-store" in alices.get(PROFILE)["Cache-Control"]


def test_it_says_whether_two_step_sign_in_is_on_and_by_what(alices: Client, alice: User) -> None:
    assert "Off: your password alone signs you in" in alices.get(PROFILE).content.decode()
    TOTP.activate(alice, generate_totp_secret())
    client = Client()
    client.force_login(User.objects.get(pk=alice.pk))
    assert "On: an authenticator app" in client.get(PROFILE).content.decode()
    Authenticator.objects.bulk_create(Authenticator(user=alice, type="webauthn", data={}) for _ in range(2))
    client.force_login(User.objects.get(pk=alice.pk))
    assert "On: 2 passkeys and an authenticator app" in client.get(PROFILE).content.decode()
