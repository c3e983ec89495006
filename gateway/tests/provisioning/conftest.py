"""The HTTP API is open; the platform has a key that provisions, and Alice, Acme and its shop have references."""

import pytest
from django.conf import LazySettings

from gateway.choices import Maker
from gateway.tests.http.conftest import Caller
from people.models import User
from testing.factories import make_application, make_key_and_secret
from whitelabel.models import Application, WhiteLabel


@pytest.fixture
def platform(owner: User, settings: LazySettings) -> Caller:
    settings.API_URL = "http://testserver/api"
    return Caller(*make_key_and_secret(None, owner, Maker.PLATFORM, name="Provisioning"))


@pytest.fixture
def shop(alice: User, bob: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel) -> Application:
    """The shop of Alice in Acme, which the platform knows; it knows Bob, Charlie and Globex too."""
    for row, ref in (
        (alice, "u-alice"),
        (bob, "u-bob"),
        (charlie, "u-charlie"),
        (acme, "w-acme"),
        (globex, "w-globex"),
    ):
        row.ref = ref
        row.save(update_fields=["ref"])
    application = make_application(alice, acme)
    application.ref = "a-shop"
    application.save(update_fields=["ref"])
    return application
