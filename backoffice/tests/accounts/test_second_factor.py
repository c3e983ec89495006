"""The second factor: demanded of owners and support, asked for at sign-in, and sessions end when it changes."""

from datetime import timedelta

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from people.models import User
from testing.factories import PASSWORD, make_support
from whitelabel.models import WhiteLabel

ACTIVATE = "/accounts/2fa/totp/activate/"
FACTORS = "/accounts/2fa/"
SECRET = "JBSWY3DPEHPK3PXP"


def sign_in(client: Client, person: User) -> str:
    return client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})["Location"]


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def activate(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get(ACTIVATE).context["form"].secret
    client.post(ACTIVATE, {"code": code_for(secret)})


def test_an_owner_without_one_sets_it_up_first(client: Client, owner: User, settings: LazySettings) -> None:
    settings.OWNER_SECOND_FACTOR = True
    sign_in(client, owner)
    for address in ("/backoffice/", "/backoffice/people/", "/backoffice/applications/add/"):
        assert client.get(address)["Location"] == FACTORS
        assert client.post(address)["Location"] == FACTORS
    page = client.get(FACTORS).content.decode()
    assert f'href="{ACTIVATE}"' in page
    assert 'href="/accounts/2fa/webauthn/add/"' in page


def test_so_does_support(client: Client, db: None, settings: LazySettings) -> None:
    settings.OWNER_SECOND_FACTOR = True
    sign_in(client, make_support())
    assert client.get("/backoffice/deliveries/")["Location"] == FACTORS


def test_setting_it_up_opens_the_owners_pages(client: Client, owner: User, settings: LazySettings) -> None:
    settings.OWNER_SECOND_FACTOR = True
    sign_in(client, owner)
    activate(client)
    assert Authenticator.objects.filter(user=owner, type="recovery_codes").exists()
    assert client.get("/backoffice/").status_code == 200


def test_the_password_is_asked_for_again_before_it_is_set_up(client: Client, owner: User) -> None:
    sign_in(client, owner)
    assert client.get(ACTIVATE)["Location"].startswith("/accounts/reauthenticate/")


def test_it_is_not_demanded_of_a_white_label_admin(
    client: Client, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    settings.OWNER_SECOND_FACTOR = True
    sign_in(client, alice)
    assert client.get("/whitelabel/").status_code == 200


def test_the_password_alone_does_not_sign_in_somebody_who_has_one(client: Client, owner: User) -> None:
    TOTP.activate(owner, SECRET)
    assert sign_in(client, owner).startswith("/accounts/2fa/authenticate/")
    assert client.get("/backoffice/")["Location"].startswith("/backoffice/login/")
    client.post("/accounts/2fa/authenticate/", {"code": code_for(SECRET)})
    assert client.get("/backoffice/").status_code == 200


def test_setting_it_up_ends_the_other_sessions_and_keeps_this_one(alice: User, acme: WhiteLabel) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, alice)
    activate(here)
    assert here.get("/whitelabel/").status_code == 200
    assert elsewhere.get("/whitelabel/").status_code == 302


def test_taking_it_away_ends_every_session(client: Client, alice: User, acme: WhiteLabel) -> None:
    factor = TOTP.activate(alice, SECRET).instance
    client.force_login(alice)
    factor.delete()
    assert client.get("/whitelabel/").status_code == 302


def test_a_key_that_was_rotated_signs_nobody_out(
    client: Client, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    client.force_login(alice)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a newer key " * 5
    assert client.get("/whitelabel/").status_code == 200


def test_a_white_label_can_demand_it_before_any_page_of_its_console(
    client: Client, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(second_factor_required=True)
    sign_in(client, alice)
    for address in ("/whitelabel/", "/whitelabel/email/", "/whitelabel/applications/"):
        assert client.get(address)["Location"] == FACTORS
        assert client.post(address)["Location"] == FACTORS
    assert "asks for one" in client.get(FACTORS).content.decode()
    activate(client)
    assert client.get("/whitelabel/").status_code == 200


def test_what_one_white_label_demands_is_not_demanded_in_another(
    client: Client, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(second_factor_required=True)
    sign_in(client, charlie)
    assert client.get("/whitelabel/").status_code == 200


def test_the_owner_sets_what_a_white_label_demands(client: Client, owner: User, acme: WhiteLabel) -> None:
    client.force_login(owner)
    form = {"name": "Acme", "brand_name": "Acme", "brand_colour": "#e11d48", "mail_option": "PLATFORM"}
    client.post(f"/backoffice/white-labels/{acme.pk}/change/", form | {"second_factor_required": "on"})
    acme.refresh_from_db()
    assert acme.second_factor_required


def begin(client: Client, person: User) -> str:
    """Return the key that the page for a first app shows."""
    sign_in(client, person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return str(client.get(ACTIVATE).context["form"].secret)


def test_a_wrong_code_keeps_the_key_and_is_said_at_its_field(client: Client, alice: User) -> None:
    secret = begin(client, alice)
    form = client.post(ACTIVATE, {"code": "000000"}).context["form"]
    assert form.secret == secret
    assert form.errors == {"code": ["This code is not right. Type the one that your app shows now."]}


def test_a_page_that_is_loaded_again_shows_the_same_key(client: Client, alice: User) -> None:
    secret = begin(client, alice)
    assert client.get(ACTIVATE).context["form"].secret == secret


def test_a_code_that_is_typed_minutes_later_meets_the_same_key(
    client: Client, alice: User, cache_of_the_process: None
) -> None:
    secret = begin(client, alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        again = client.post(ACTIVATE, {"code": "000000"})["Location"]
        form = client.post(again, {"password": PASSWORD, "next": ACTIVATE}).context["form"]
        assert (form.secret, list(form.errors)) == (secret, ["code"])
        assert client.get(ACTIVATE).context["form"].secret == secret
        client.post(ACTIVATE, {"code": code_for(secret)})
    assert Authenticator.objects.filter(user=alice, type=Authenticator.Type.TOTP).exists()


def test_a_key_that_was_shown_long_ago_is_not_shown_again(
    client: Client, alice: User, cache_of_the_process: None
) -> None:
    secret = begin(client, alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert begin(client, alice) != secret


def test_a_new_app_gets_a_new_key(client: Client, alice: User) -> None:
    secret = begin(client, alice)
    client.post(ACTIVATE, {"code": code_for(secret)})
    client.post("/accounts/2fa/totp/deactivate/")
    assert begin(client, alice) != secret
