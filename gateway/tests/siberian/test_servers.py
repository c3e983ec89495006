"""An SMTP server of Siberian is carried over as one that was typed at its page: a draft, with its secret sealed."""

import json
from contextlib import suppress
from typing import Any

import pytest

from gateway.siberian import servers
from gateway.siberian.lines import Credentials, WhiteLabelLine
from gateway.siberian.servers import Done, NotCarriedOver, as_typed, carry_over, credentials_of
from smtp_settings.choices import Auth, Policy, Security, State
from smtp_settings.models import SmtpServer
from smtp_settings.scope import PLATFORM, Scope, load_scope
from testing import factories
from whitelabel.models import WhiteLabel

GOOD = {
    "server": "smtp.acme.test",
    "port": "465",
    "ssl": "ssl",
    "auth": "login",
    "username": "acme",
    "password": 's3"cret\\',
    "sender_name": "Acme Äpps",
    "sender_email": "mail@acme.test",
}
SURROGATE = '{"password": "s3cret\\ud83d"}'


def credentials(**changed: Any) -> Credentials:
    return Credentials.model_validate(GOOD | changed)


def scope_of(key: str) -> Scope:
    scope = load_scope(key)
    assert scope is not None
    return scope


def why_not(scope: Scope, **changed: Any) -> str:
    with pytest.raises(NotCarriedOver) as refused:
        carry_over(credentials(**changed), scope)
    return str(refused.value)


@pytest.mark.parametrize("column", GOOD)
@pytest.mark.parametrize("around", ["{}", "https://user:{}@smtp.acme.test/", "{}\0", "{}\n x@acme.test"])
def test_what_stands_in_a_wrong_column_is_not_told(column: str, around: str, acme: WhiteLabel) -> None:
    with suppress(NotCarriedOver):
        _, remarks = carry_over(credentials(**{column: around.format("s3cret-9f8e")}), scope_of(acme.scope_key))
        assert "s3cret-9f8e" not in " ".join(remarks)
        return
    assert "s3cret-9f8e" not in why_not(scope_of(acme.scope_key), **{column: around.format("s3cret-9f8e")})


def test_a_server_is_a_draft_that_nothing_leaves_through(acme: WhiteLabel) -> None:
    assert carry_over(credentials(), scope_of(acme.scope_key)) == (Done.CREATED, [])
    acme.refresh_from_db()
    server = acme.server
    assert server is not None
    assert (server.state, acme.mail_option) == (State.DRAFT, WhiteLabel.MailOption.PLATFORM)
    assert (server.host, server.port, server.security) == ("smtp.acme.test", 465, Security.IMPLICIT_TLS)
    assert (server.auth, server.username, server.sender) == (Auth.PASSWORD, "acme", "Acme Äpps <mail@acme.test>")
    assert server.open_secret() == 's3"cret\\'


@pytest.mark.parametrize(
    ("stored", "security", "port"),
    [
        ({"ssl": "ssl", "port": ""}, Security.IMPLICIT_TLS, "465"),
        ({"ssl": "tls", "port": ""}, Security.STARTTLS, "25"),
        ({"ssl": "TLS ", "port": " 587"}, Security.STARTTLS, "587"),
        ({"ssl": "tls", "port": 2525}, Security.STARTTLS, "2525"),
        ({"ssl": None, "port": None}, Security.NONE, "25"),
    ],
)
def test_encryption_and_port_are_what_zend_made_of_them(stored: dict[str, Any], security: str, port: str) -> None:
    values = as_typed(credentials(**stored), Policy.PLATFORM).values
    assert (values["security"], values["port"]) == (security, port)


@pytest.mark.parametrize(
    ("stored", "auth", "remarks"),
    [
        ({"auth": "plain"}, Auth.PASSWORD, []),
        ({"auth": "crammd5"}, Auth.PASSWORD, [servers.NOT_CRAM_MD5]),
        ({"auth": "", "username": ""}, Auth.NONE, []),
        ({"auth": None}, Auth.PASSWORD, [servers.NO_SIGN_IN_BEFORE]),
    ],
)
def test_the_way_to_sign_in_is_carried_over(stored: dict[str, Any], auth: str, remarks: list[str]) -> None:
    typed = as_typed(credentials(**stored), Policy.PLATFORM)
    assert (typed.values["auth"], typed.remarks) == (auth, remarks)


def test_a_white_labels_server_without_encryption_gets_starttls(acme: WhiteLabel) -> None:
    done, remarks = carry_over(credentials(ssl="", port="587"), scope_of(acme.scope_key))
    assert (done, remarks) == (Done.CREATED, [servers.NOW_ENCRYPTED])
    assert SmtpServer.objects.get().security == Security.STARTTLS


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"server": ""}, "host: Type the host name"),
        ({"server": "10.0.0.5"}, "not an IP address"),
        ({"server": "2130706433"}, "not an IP address"),
        ({"server": "http://smtp.acme.test/"}, "not a host name"),
        ({"server": "smtp.acme.test\r\nRCPT"}, "host: This contains a line break"),
        ({"port": "25"}, "port: Choose one of the ports"),
        ({"port": "99999"}, "port: Ensure this value"),
        ({"port": "smtp"}, "port: Enter a whole number"),
        ({"ssl": "sslv3"}, "encryption is not known here: it is none of tls, ssl, or empty"),
        ({"auth": "ntlm\x1b[2J"}, "way to sign in is not known here: it is none of login, plain, crammd5, or empty"),
        ({"sender_email": ""}, "sender address: Type the address"),
        ({"sender_email": "nobody"}, "sender address: Enter a valid"),
        ({"sender_name": "Acme\r\nBcc: x@y.test"}, "sender name:"),
        ({"username": "u" * 255}, "username: Ensure this value"),
        ({"password": "s3cret\nQUIT"}, "password: This contains a line break"),
    ],
)
def test_a_server_that_its_page_would_refuse_is_not_carried_over(
    acme: WhiteLabel, changed: dict[str, Any], why: str
) -> None:
    said = why_not(scope_of(acme.scope_key), **changed)
    assert why in said
    assert "s3cret" not in said
    assert not SmtpServer.objects.exists()


def test_the_platform_may_have_an_address_and_port_25(db: None) -> None:
    done, _ = carry_over(credentials(server="10.0.0.5", port="25", ssl=""), scope_of(PLATFORM))
    assert (done, SmtpServer.objects.get().policy) == (Done.CREATED, Policy.PLATFORM)


def test_a_second_time_changes_nothing(acme: WhiteLabel) -> None:
    carry_over(credentials(), scope_of(acme.scope_key))
    before = SmtpServer.objects.values().get()
    assert carry_over(credentials(), scope_of(acme.scope_key)) == (Done.UNCHANGED, [])
    assert SmtpServer.objects.values().get() == before


def test_a_server_that_was_checked_since_stays_checked_and_switched_on(acme: WhiteLabel) -> None:
    carry_over(credentials(), scope_of(acme.scope_key))
    acme.refresh_from_db()
    SmtpServer.objects.update(state=State.VERIFIED, max_connections=9)
    factories.give_own_smtp(acme, SmtpServer.objects.get())
    assert carry_over(credentials(), scope_of(acme.scope_key)) == (Done.UNCHANGED, [])
    acme.refresh_from_db()
    assert acme.own_smtp_on
    assert SmtpServer.objects.get().state == State.VERIFIED


@pytest.mark.parametrize("changed", [{"server": "smtp2.acme.test"}, {"password": "another"}, {"sender_name": ""}])
def test_a_server_that_is_here_already_is_not_overwritten(acme: WhiteLabel, changed: dict[str, Any]) -> None:
    carry_over(credentials(), scope_of(acme.scope_key))
    before = SmtpServer.objects.values().get()
    assert why_not(scope_of(acme.scope_key), **changed) == servers.ANOTHER_HERE
    assert SmtpServer.objects.values().get() == before


@pytest.mark.parametrize("stored", [None, "", " ", "[]", "{}", "null", [], {}])
def test_empty_credentials_are_no_server(stored: Any) -> None:
    line = WhiteLabelLine(kind="white_label", admin_id=1, smtp_credentials=stored)
    assert credentials_of(line) == Credentials()


@pytest.mark.parametrize("stored", [GOOD, json.dumps(GOOD)])
def test_credentials_are_an_object_or_a_text_of_one(stored: Any) -> None:
    line = WhiteLabelLine(kind="white_label", admin_id=1, smtp_credentials=stored)
    assert credentials_of(line) == credentials()


@pytest.mark.parametrize(
    "stored", ["{s3cret", '{"password": ["s3cret"]}', '"s3cret"', "[" * 100_000, 7, ["s3cret"], SURROGATE]
)
def test_credentials_that_cannot_be_read_are_told_without_what_they_say(stored: Any) -> None:
    line = WhiteLabelLine(kind="white_label", admin_id=1, smtp_credentials=stored)
    with pytest.raises(NotCarriedOver) as refused:
        credentials_of(line)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__suppress_context__
