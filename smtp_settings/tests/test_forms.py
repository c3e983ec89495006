"""What may be typed into the form of an SMTP server, and what is said where it may not."""

from typing import Any

import pytest

from smtp_settings.choices import Policy
from smtp_settings.forms import SmtpServerForm, SupportForm
from smtp_settings.models import SmtpServer
from smtp_settings.scope import PlatformScope, Scope
from testing import factories
from whitelabel.own_server import WhiteLabelScope

pytestmark = pytest.mark.django_db
GOOD = {
    "host": "smtp.example.com",
    "port": "587",
    "security": "STARTTLS",
    "auth": "PASSWORD",
    "username": "user",
    "password": "secret",
    "sender_name": "Acme",
    "sender_address": "mail@acme.example",
}


def scope(server: SmtpServer | None = None, policy: Policy = Policy.WHITE_LABEL) -> Scope:
    of_policy = WhiteLabelScope if policy == Policy.WHITE_LABEL else PlatformScope
    return of_policy(key="white-label:1", server=server, in_use=server is not None)


def form(server: SmtpServer | None = None, *, draft: bool = False, **changed: Any) -> SmtpServerForm:
    policy = Policy(changed.pop("policy", Policy.WHITE_LABEL))
    return SmtpServerForm(GOOD | changed, scope=scope(server, policy), draft=draft)


def stored(**values: object) -> SmtpServer:
    fields = {name: GOOD[name] for name in GOOD if name not in ("password", "port")}
    return factories.make_server(
        Policy.WHITE_LABEL, scope_key="white-label:1", secret="stored-772", port=587, **fields | values
    )


@pytest.mark.parametrize(
    ("pasted", "kept", "said"),
    [
        ("abcd efgh\u00a0ijkl\u202fmnop", "abcd efgh ijkl mnop", "replaced special blanks in the password"),
        ("s3cret ", "s3cret", "removed blanks at its ends from the password"),
        ("\u00a0s3cret\r\n", "s3cret", "removed blanks at its ends"),
        ("\ts3cret", "s3cret", "removed blanks at its ends"),
        ("s3\u200bcret\ufeff", "s3cret", "removed invisible characters from the password"),
        ("\u200es3\u00adcret ", "s3cret", "removed invisible characters and blanks at its ends"),
    ],
)
def test_a_pasted_password_is_cleaned_and_that_is_said(pasted: str, kept: str, said: str) -> None:
    filled = form(password=pasted)
    assert filled.is_valid()
    assert filled.secret == kept
    assert [said in remark for remark in filled.remarks] == [True]
    assert "s3" not in filled.remarks[0]


@pytest.mark.parametrize("password", ["s3cret", "with  blanks inside", "ключ", "£#/?%41"])
def test_a_password_that_can_be_typed_is_left_as_it_is(password: str) -> None:
    filled = form(password=password)
    assert filled.is_valid()
    assert (filled.secret, filled.remarks) == (password, [])


def test_a_password_of_blanks_is_none() -> None:
    assert "password" in form(password=" \u00a0\u200b").errors


def test_what_is_pasted_beside_the_password_is_cleaned_too() -> None:
    filled = form(host="smtp.example.com\u200b ", username="\ufeffuser\u00a0", sender_address=" mail@acme.example ")
    assert filled.is_valid()
    assert (filled.instance.host, filled.instance.username) == ("smtp.example.com", "user")
    assert filled.remarks == [
        "We removed invisible characters from the host that you pasted.",
        "We removed invisible characters from the username that you pasted.",
    ]


def test_good_values_are_valid() -> None:
    filled = form()
    assert filled.is_valid()
    assert filled.secret == "secret"
    assert (filled.instance.policy, filled.instance.scope_key) == (Policy.WHITE_LABEL, "white-label:1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", ""),
        ("host", "127.0.0.1"),
        ("host", "smtp example com"),
        ("host", "smtp.example.com\r\nRCPT TO:<x>"),
        ("port", ""),
        ("port", "0"),
        ("port", "65536"),
        ("port", "five"),
        ("security", "NONE"),
        ("security", "SSL"),
        ("auth", "GSSAPI"),
        ("username", ""),
        ("username", "us\ner"),
        ("password", ""),
        ("password", "sec\x00ret"),
        ("password", "sec\u2028ret"),
        ("password", "sec\r\nret"),
        ("sender_name", "Acme\r\nBcc: v@evil.example"),
        ("sender_name", "Ac\x85me"),
        ("sender_name", "Ac\u2029me"),
        ("sender_address", ""),
        ("sender_address", "acme"),
        ("sender_address", "m\u00e4il@acme.example"),
        ("sender_address", "mail@acme.example\r\nBcc: v@evil.example"),
        ("sender_address", "a@acme.example, b@acme.example"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(name: str, value: Any) -> None:
    wrong = form(**{name: value})
    assert list(wrong.errors) == [name]
    assert all(wrong.errors[name])


def test_names_beyond_ascii_have_one_spelling() -> None:
    filled = form(host=" SMTP.Bücher.Example. ", sender_address="mail@Bücher.example")
    assert filled.is_valid()
    assert filled.instance.host == "smtp.xn--bcher-kva.example"
    assert filled.instance.sender_address == "mail@xn--bcher-kva.example"


def test_the_password_is_never_rendered() -> None:
    wrong = form(stored(), password="canary-771", host="")
    assert "canary-771" not in wrong.as_div()
    assert "stored-772" not in SmtpServerForm(scope=scope(stored())).as_div()


def test_a_blank_password_keeps_the_stored_one() -> None:
    unchanged = form(stored(), password="", sender_name="Other")
    assert unchanged.is_valid()
    assert unchanged.secret == "stored-772"


@pytest.mark.parametrize(
    ("name", "value"),
    [("host", "evil.example"), ("port", "465"), ("security", "IMPLICIT_TLS"), ("username", "other")],
)
def test_a_stored_password_is_asked_for_again_elsewhere(name: str, value: Any) -> None:
    moved = form(stored(), password="", **{name: value})
    assert list(moved.errors) == ["password"]
    assert "Type the password again" in moved.errors["password"][0]
    assert form(stored(), password="new", **{name: value}).is_valid()


def test_a_draft_elsewhere_takes_no_stored_password_along() -> None:
    moved = form(stored(), draft=True, password="", host="other.example")
    assert moved.is_valid()
    assert moved.secret == ""


def test_a_secret_sealed_for_an_edited_row_must_be_typed_again() -> None:
    server = stored()
    SmtpServer.objects.update(scope_key="white-label:2")
    server.refresh_from_db()
    assert "cannot be opened" in form(server, password="").errors["password"][0]


def test_a_draft_may_lack_what_only_a_check_needs() -> None:
    assert form(draft=True, username="", password="").is_valid()
    assert not form(draft=True, host="127.0.0.1").is_valid()


def test_no_sign_in_needs_and_keeps_no_credentials() -> None:
    open_relay = form(auth="NONE", policy="PLATFORM")
    assert open_relay.is_valid()
    assert (open_relay.instance.username, open_relay.secret) == ("", "")


def test_the_platform_may_go_without_encryption_and_type_an_address() -> None:
    assert form(policy="PLATFORM", security="NONE", auth="NONE", host="10.0.0.25").is_valid()


def test_filling_the_form_changes_nothing_stored() -> None:
    server = stored()
    assert form(server, host="other.example").is_valid()
    assert server.host == "smtp.example.com"


def test_an_untouched_form_of_a_place_without_server_asks_for_nothing() -> None:
    untouched = SmtpServerForm({"port": "587", "security": "STARTTLS", "auth": "PASSWORD"}, scope=scope())
    assert untouched.is_valid()
    assert not untouched.needs_check


@pytest.mark.parametrize(("address", "valid"), [("help@acme.example", True), ("", True), ("help", False)])
def test_the_support_address_is_an_address(address: str, valid: bool) -> None:
    assert SupportForm({"support_name": "Help", "support_address": address}).is_valid() == valid


SES: dict[str, Any] = {"host": "email-smtp.eu-west-1.amazonaws.com", "username": "me@acme.example"}


def test_a_credential_that_cannot_work_is_refused_before_anything_is_sent() -> None:
    sendgrid: dict[str, Any] = {
        "host": "smtp.sendgrid.net",
        "username": "me@acme.example",
        "insisted": "sendgrid.username",
    }
    assert form(**sendgrid).errors["username"] == [
        "SendGrid's username is always the word apikey; your API key is the password."
    ]
    assert form(**sendgrid | {"username": "apikey"}).is_valid()


def test_a_credential_of_an_unusual_shape_is_doubted_once() -> None:
    doubted = form(**SES)
    assert "begins with AKIA" in doubted.errors["username"][0]
    assert "press the button once more" in doubted.errors["username"][0]
    assert form(**SES, insisted=" ".join(doubted.insisted)).is_valid()


def test_a_password_of_the_account_is_doubted_where_an_app_password_is_needed() -> None:
    gmail: dict[str, Any] = {"host": "smtp.gmail.com", "username": "a@gmail.com"}
    assert "app password" in form(**gmail, password="Summer2026!").errors["password"][0]
    assert form(**gmail, password="abcd efgh ijkl mnop").is_valid()


def test_neither_a_draft_nor_what_is_stored_already_is_doubted() -> None:
    assert form(**SES, draft=True).is_valid()
    server = stored(**SES)
    assert form(server, **SES, password="", sender_name="Other").is_valid()


def test_a_provider_that_names_its_connections_gets_no_more() -> None:
    microsoft = form(host="smtp.office365.com")
    assert microsoft.is_valid()
    assert microsoft.instance.max_connections == 3
    elsewhere = form(stored(host="smtp.office365.com", max_connections=3))
    assert elsewhere.is_valid()
    assert elsewhere.instance.max_connections == 5
