"""A suggestion fills in what nobody typed, and replaces what an earlier one filled in."""

import pytest

from smtp_settings.providers.autofill import fill
from smtp_settings.providers.discovery import Suggestion

YAHOO = Suggestion("smtp.mail.yahoo.com", 465, "IMPLICIT_TLS", "a@yahoo.com")
AOL = Suggestion("smtp.aol.com", 587, "STARTTLS", "a@aol.com")
OUTLOOK = Suggestion(
    "smtp-mail.outlook.com", 587, "STARTTLS", "a@live.com", auth="XOAUTH2", token_source="MICROSOFT_SIGN_IN"
)
NEW = {"host": "", "port": "587", "security": "STARTTLS", "username": "", "auth": "PASSWORD", "token_source": ""}
OF_YAHOO = ("smtp.mail.yahoo.com", "465", "IMPLICIT_TLS", "a@yahoo.com", "PASSWORD", "")
OF_AOL = ("smtp.aol.com", "587", "STARTTLS", "a@aol.com", "PASSWORD", "")


def as_typed(values: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(NEW, values, strict=True))


def test_a_new_form_is_filled() -> None:
    filled = fill(YAHOO, NEW, ())
    assert {**NEW, **filled.changes} == as_typed(OF_YAHOO)
    assert (filled.conflicts, filled.suggested) == ((), OF_YAHOO)


def test_what_an_earlier_suggestion_filled_in_is_replaced() -> None:
    filled = fill(AOL, as_typed(OF_YAHOO), OF_YAHOO)
    assert {**as_typed(OF_YAHOO), **filled.changes} == as_typed(OF_AOL)
    assert filled.conflicts == ()


@pytest.mark.parametrize(("name", "value"), [("host", "smtp.acme.test"), ("port", "2525"), ("security", "NONE")])
def test_host_port_and_security_stay_together_where_one_was_typed(name: str, value: str) -> None:
    filled = fill(YAHOO, NEW | {name: value}, ())
    assert filled.changes == {"username": "a@yahoo.com"}
    assert filled.conflicts == ("host", "port", "security")


def test_a_typed_username_stays_while_the_place_changes() -> None:
    filled = fill(AOL, as_typed(OF_YAHOO) | {"username": "mine"}, OF_YAHOO)
    assert set(filled.changes) == {"host", "port", "security"}
    assert filled.conflicts == ("username",)


def test_a_username_that_only_the_provider_knows_clears_the_one_filled_in_before() -> None:
    ses = Suggestion("email-smtp.eu-west-1.amazonaws.com", 587, "STARTTLS", "")
    assert fill(ses, as_typed(OF_YAHOO), OF_YAHOO).changes["username"] == ""
    assert fill(ses, as_typed(OF_YAHOO) | {"username": "AKIA1"}, OF_YAHOO).conflicts == ()


def test_what_is_as_suggested_is_neither_changed_nor_told() -> None:
    filled = fill(YAHOO, as_typed(OF_YAHOO), ())
    assert (dict(filled.changes), filled.conflicts) == ({}, ())


def test_when_asked_for_everything_is_replaced() -> None:
    typed = as_typed(("smtp.acme.test", "2525", "STARTTLS", "mine", "NONE", ""))
    assert {**typed, **fill(YAHOO, typed, (), replace=True).changes} == as_typed(OF_YAHOO)


def test_what_was_kept_is_not_taken_for_filled_in_the_next_time() -> None:
    typed = NEW | {"username": "mine"}
    first = fill(YAHOO, typed, ())
    second = fill(AOL, typed | dict(first.changes), first.suggested)
    assert set(second.changes) == {"host", "port", "security"}
    assert second.conflicts == ("username",)


def test_a_provider_without_passwords_chooses_the_sign_in_by_tokens() -> None:
    first = fill(OUTLOOK, NEW, ())
    assert (first.changes["auth"], first.changes["token_source"]) == ("XOAUTH2", "MICROSOFT_SIGN_IN")
    second = fill(YAHOO, NEW | dict(first.changes), first.suggested)
    assert (second.changes["auth"], "token_source" in second.changes) == ("PASSWORD", False)


def test_a_way_of_signing_in_that_was_chosen_stays() -> None:
    assert "auth" not in fill(YAHOO, NEW | {"auth": "NONE"}, ()).changes
    assert fill(OUTLOOK, NEW | {"token_source": "OTHER_SIGN_IN"}, ()).changes["auth"] == "XOAUTH2"
    assert "token_source" not in fill(OUTLOOK, NEW | {"token_source": "OTHER_SIGN_IN"}, ()).changes
