"""What the tests of the sign-in do again and again."""

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.http import HttpResponse
from django.test import Client

from people.models import User
from testing.factories import PASSWORD

LOGIN = "/accounts/login/"
SECOND_STEP = "/accounts/2fa/authenticate/"
FACTORS = "/accounts/2fa/"
SECRET = "JBSWY3DPEHPK3PXP"


def sign_in(client: Client, email: str, password: str = PASSWORD, address: str = "", **fields: str) -> HttpResponse:
    """Post the form of the sign-in, from `address`."""
    origin = {"REMOTE_ADDR": address} if address else {}
    return client.post(LOGIN, {"login": email, "password": password, **fields}, **origin)  # type: ignore[return-value,arg-type]


def sign_out(client: Client) -> None:
    """Sign out as a browser does: its other cookies stay."""
    client.post("/accounts/logout/")


def code_for(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def is_signed_in(client: Client, person: User) -> bool:
    return client.session.get("_auth_user_id") == str(person.pk)
