"""A white-label may sign in with its own account where the platform does, and never as the platform or as nobody."""

from typing import Any

import pytest
from django.conf import LazySettings

from smtp_settings.choices import Auth, Policy
from smtp_settings.models import SmtpServer
from smtp_settings.network import platform_account
from smtp_settings.network.address_policy import Forbidden
from smtp_settings.network.platform_account import is_same_user
from smtp_settings.transport.session import Session, SessionFailed
from testing import factories
from testing.fixtures import LOOPBACK, SmtpServerFactory

pytestmark = pytest.mark.django_db
SENDGRID = {"host": "smtp.sendgrid.net", "username": "apikey"}


def platform_has(secret: str = "platform-key", **values: Any) -> SmtpServer:
    server = factories.make_server(secret=secret, **{"host": "smtp.provider.example", "username": "apps"} | values)
    factories.switch_on_platform_smtp(server)
    return server


def white_labels(**values: Any) -> SmtpServer:
    return SmtpServer(policy=Policy.WHITE_LABEL, **{"host": "smtp.provider.example", "username": "acme"} | values)


def judge(server: SmtpServer, secret: str = "own-key", address: str = "8.8.8.8") -> None:
    platform_account.judge(server, [address], [secret])


def test_an_own_account_at_the_platforms_provider_is_allowed() -> None:
    platform_has()
    judge(white_labels())
    judge(white_labels(port=465, host="SMTP.provider.example."))


@pytest.mark.parametrize("port", [465, 587])
def test_nobody_goes_to_the_platforms_server_without_a_sign_in(port: int) -> None:
    platform_has()
    with pytest.raises(Forbidden, match="an account of your own") as refused:
        judge(white_labels(auth=Auth.NONE, port=port))
    assert refused.value.field == "auth"


@pytest.mark.parametrize(
    "username", ["apps", "APPS", " apps ", "ap\u200bps", "\uff41pps", "apps\u00a0", "apps@any.example", "CORP\\apps"]
)
def test_nobody_signs_in_as_the_platform(username: str) -> None:
    platform_has()
    with pytest.raises(Forbidden, match="the platform's own account") as refused:
        judge(white_labels(username=username))
    assert refused.value.field == "username"


def test_a_server_that_knows_the_installation_by_its_address_is_the_platforms_alone() -> None:
    platform_has(secret="", username="")
    with pytest.raises(Forbidden, match="give a server of your own provider") as refused:
        judge(white_labels())
    assert refused.value.field == "host"


def test_other_names_of_the_server_are_the_server() -> None:
    platform_has(host="9.9.9.9")
    with pytest.raises(Forbidden):
        judge(white_labels(host="alias.example.com", username="apps"), address="9.9.9.9")
    judge(white_labels(host="alias.example.com", username="apps"), address="9.9.9.10")


def test_where_everybody_has_one_username_the_secret_tells_whose_account_it_is() -> None:
    platform_has(**SENDGRID)
    judge(white_labels(**SENDGRID), "own-key")
    for secret in ("platform-key", " platform-key\n"):
        with pytest.raises(Forbidden):
            judge(white_labels(**SENDGRID), secret)


def test_the_second_server_and_the_default_are_the_platforms_too(settings: LazySettings) -> None:
    communication = factories.switch_on_platform_smtp(factories.make_server(host="first.example.com"))
    communication.standby = factories.make_server(host="second.example.com", username="apps")
    communication.save()
    settings.DEFAULT_SMTP = {**settings.DEFAULT_SMTP, "host": "relay.platform.example"}
    for host in ("second.example.com", "relay.platform.example"):
        with pytest.raises(Forbidden):
            judge(white_labels(host=host, auth=Auth.NONE))


def test_in_an_allowed_network_the_platforms_own_server_is_told_by_its_port(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    platform_has(host="localhost", port=2600)
    judge(white_labels(host="localhost", port=2601, username="apps"), address="127.0.0.1")
    with pytest.raises(Forbidden):
        judge(white_labels(host="localhost", port=2600, username="apps"), address="127.0.0.1")


def test_the_platform_itself_is_not_asked() -> None:
    own = platform_has()
    judge(own, "platform-key")


def test_each_session_asks(smtp_server_factory: SmtpServerFactory) -> None:
    """Delivery as well as the check: the platform may have come to the same account later."""
    loopback = smtp_server_factory()
    platform_has(username="user", **loopback.fields)
    server = factories.make_server(Policy.WHITE_LABEL, secret="secret", username="USER", **loopback.fields)
    with Session(server) as session, pytest.raises(SessionFailed, match="the platform's own account") as failed:
        session.open()
    assert failed.value.kind == "forbidden"
    assert not loopback.connections


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Apps@Platform.example", "apps@platform.example"),
        ("apps+x@gmail.com", "a.p.p.s@googlemail.com"),
        ("apps%platform.example", "apps@platform.example"),
        ("platform.example\\apps", "apps@platform.example"),
    ],
)
def test_spellings_of_one_user(one: str, other: str) -> None:
    assert is_same_user(one, other)
    assert is_same_user(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("info@acme.example", "info@platform.example"), ("acme", "apps"), ("apps2", "apps")]
)
def test_two_users(one: str, other: str) -> None:
    assert not is_same_user(one, other)
