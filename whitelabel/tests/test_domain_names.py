"""One spelling of each domain, and which ones nobody may ask for."""

import re

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtp_settings.models import Communication
from testing.factories import make_server, switch_on_platform_smtp
from whitelabel.domain_names import (
    above,
    acceptable,
    canonical,
    display_name,
    is_within,
    platform_domains,
    readable,
    registrable,
)

letters = st.text(alphabet=st.characters(), max_size=40)
names = st.lists(st.text("aäßабжx-0９.。 _", min_size=1, max_size=12), min_size=1, max_size=5).map(".".join)


@given(letters | names)
def test_a_canonical_name_is_its_own_canonical_form(typed: str) -> None:
    try:
        name = canonical(typed)
    except ValidationError:
        return
    assert canonical(name) == name
    assert name.isascii()
    assert name == name.lower().strip(".")


@given(letters | names)
def test_each_label_of_a_canonical_name_is_one_that_dns_has(typed: str) -> None:
    try:
        name = canonical(typed)
    except ValidationError:
        return
    assert len(name) <= 253
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in name.split("."))


@given(letters | names)
def test_capitals_blanks_around_and_a_final_dot_make_no_other_name(typed: str) -> None:
    try:
        name = canonical(typed)
    except ValidationError:
        return
    assert canonical(f" {typed.strip()}\n") == name
    assert canonical("".join(c.swapcase() if c.isascii() else c for c in typed)) == name
    assert canonical(f"{name}.") == name


@given(letters | names)
def test_what_is_read_in_its_own_letters_is_the_same_name(typed: str) -> None:
    try:
        name = canonical(typed)
    except ValidationError:
        return
    assert canonical(readable(name)) == name


@pytest.mark.django_db
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(letters | names)
def test_an_accepted_name_is_canonical_accepted_again_and_can_be_registered(typed: str) -> None:
    try:
        name = acceptable(typed)
    except ValidationError:
        return
    assert acceptable(name) == canonical(name) == name
    assert is_within(name, registrable(name))
    assert "." in registrable(name)


@given(names, names)
def test_a_name_is_within_another_label_by_label(name: str, other: str) -> None:
    assert is_within(name, other) == (name.split(".")[-len(other.split(".")) :] == other.split("."))


@given(st.from_regex(r"[a-z0-9]([a-z0-9]{0,20})(\.[a-z]{2,10}){1,3}", fullmatch=True))
def test_plain_names_stay_as_they_are_in_any_case(name: str) -> None:
    assert canonical(name) == canonical(name.upper()) == canonical(f" {name}. ") == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Bücher.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("example。com。", "example.com"),
        ("ｅｘａｍｐｌｅ.com", "example.com"),
    ],
)
def test_names_are_kept_as_dns_has_them(typed: str, name: str) -> None:
    assert canonical(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", ".", "a..b", "exa mple.com", "-a.com", "a_b.com", "xn--a.com", "a" * 64 + ".com", "a." * 200),
        *("me@example.com", "https://example.com", "example.com/path", "example.com:25", "\x00.com", "a\r\nb.com"),
        *(
            "127.0.0.1",
            "[::1]",
            "::1",
            "１２７.0.0.1",
            "2130706433",
            "0x7f.1",
            "1.2.3.0x4",
            "\ud800.com",
            "example.com..",
        ),
    ],
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        canonical(typed)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("example", "at least two parts"),
        ("co.uk", "public suffix"),
        ("github.io", "public suffix"),
        ("gmail.com", "mail provider"),
        ("mail.GMAIL.com", "mail provider"),
        ("printer.local", "cannot be published"),
        ("platform.test", "the platform itself"),
        ("shop.platform.test", "the platform itself"),
        ("news.sender.test", "the platform itself"),
    ],
)
def test_a_name_that_is_not_theirs_to_ask_for_is_refused(typed: str, sentence: str, settings: LazySettings) -> None:
    settings.SITE_URL = "https://console.platform.test"
    switch_on_platform_smtp(make_server(sender_address="mail@sender.test"))
    with pytest.raises(ValidationError, match=sentence):
        acceptable(typed)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["example.com", "mail.example.co.uk", "evilplatform.test", "notgmail.com"])
def test_a_name_of_their_own_is_accepted(typed: str, settings: LazySettings) -> None:
    settings.SITE_URL = "https://console.platform.test"
    assert acceptable(typed) == typed


def test_a_name_is_read_in_its_own_letters() -> None:
    assert readable("xn--bcher-kva.example") == "bücher.example"
    assert readable("xn--a.com") == "xn--a.com"


def test_what_was_registered_is_found_below_its_public_suffix() -> None:
    assert registrable("shop.example.co.uk") == "example.co.uk"
    assert registrable("me.github.io") == "me.github.io"


def test_the_domain_of_the_support_address_is_the_platforms(db: None) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_address": "help@support.test"})
    assert "support.test" in platform_domains()


def test_the_domain_of_the_standby_server_is_the_platforms(db: None) -> None:
    standby = make_server(sender_address="noreply@standby.test")
    Communication.objects.update_or_create(pk=1, defaults={"standby": standby})
    assert "standby.test" in platform_domains()


def test_the_names_above_end_with_the_registered_one() -> None:
    assert above("a.shop.example.co.uk") == ["shop.example.co.uk", "example.co.uk"]
    assert above("example.co.uk") == []


def test_a_name_in_other_letters_is_told_with_its_canonical_form() -> None:
    assert display_name("xn--bcher-kva.example") == "bücher.example (xn--bcher-kva.example)"
    assert display_name("acme.example") == "acme.example"
