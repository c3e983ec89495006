"""The table of providers: every row, and what is sentence of a broken one."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from smtp_settings import apps
from smtp_settings.choices import Policy, Security
from smtp_settings.models import SmtpServer
from smtp_settings.network.address_policy import WHITE_LABEL_PORTS
from smtp_settings.providers import discovery, lookup, table
from smtp_settings.providers.provider import Provider, Region, UsernameKind, security_of
from smtp_settings.providers.table import BrokenTable, load

REGIONS = [pytest.param(provider, region, id=f"{provider.key}/{region.key}") for provider, region in lookup._regions()]
KNOWN = [pytest.param(provider, id=provider.key) for provider in lookup.all_providers()]
TELLING = {
    "gmail": "app password",
    "google-workspace": "app password",
    "google-relay": "administrator",
    "microsoft-365": "Authenticated SMTP",
    "outlook": "no passwords",
    "yahoo": "app password",
    "aol": "app password",
    "icloud": "app-specific password",
    "zoho": "data centre",
    "zoho-organisation": "data centre",
    "fastmail": "app password",
    "proton": "SMTP token",
    "gmx": "POP3 and IMAP",
    "yandex": "553 5.7.1",
    "mail-ru": "app password",
    "ovh": "Exchange",
    "ionos": "domain of the contract",
    "godaddy": "Microsoft 365 from GoDaddy",
    "gandi": "domain at Gandi",
    "sendgrid": "word apikey",
    "mailgun": "not the API key",
    "ses": "sandbox",
    "postmark": "no implicit TLS",
    "resend": "word resend",
    "mailtrap-sandbox": "delivers none",
}
GOOD = """
[acme]
name = "Acme Mail"
domains = ["acme.test"]
host = "smtp.acme.test"
ports = [465, 587]
username_kind = "ADDRESS"
password = "The password."
help = "https://help.acme.test/"
"""


def test_there_are_at_least_forty() -> None:
    assert len(lookup.all_providers()) >= 40


@pytest.mark.parametrize(("provider", "region"), REGIONS)
def test_a_row_can_be_filled_in_by_everybody(provider: Provider, region: Region) -> None:
    for policy in (Policy.PLATFORM, Policy.WHITE_LABEL):
        suggestion = discovery.of_provider(provider, region, "a@acme.test", policy)
        assert suggestion.host == region.host
        assert suggestion.port == provider.ports[0] in WHITE_LABEL_PORTS
        assert suggestion.security == (Security.IMPLICIT_TLS if suggestion.port in (465, 2465) else Security.STARTTLS)


@pytest.mark.parametrize(("provider", "region"), REGIONS)
def test_a_row_is_found_by_its_domains_exchangers_and_host(provider: Provider, region: Region) -> None:
    assert all(lookup.by_domain(domain) == (provider, region) for domain in region.domains)
    assert all(lookup.by_mx(mx.replace("*", "x.y")) == (provider, region) for mx in region.mx)
    match = lookup.by_host(region.host.upper() + ".")
    assert match is not None
    assert match[1].host == region.host


@pytest.mark.parametrize("provider", KNOWN)
def test_a_row_is_chosen_by_its_name_and_tells_what_is_needed(provider: Provider) -> None:
    assert lookup.by_name(f" {provider.name.upper()} ") == provider
    assert provider.about_username
    assert provider.password.endswith(".")
    assert all(note.endswith(".") for note in provider.notes)
    assert TELLING.get(provider.key, "") in " ".join(provider.notes)


@pytest.mark.parametrize("provider", KNOWN)
def test_a_row_knows_its_username(provider: Provider) -> None:
    filled = provider.username_for("a@acme.test")
    expected = {UsernameKind.ADDRESS: "a@acme.test", UsernameKind.LITERAL: provider.username, UsernameKind.OWN: ""}
    assert filled == expected[provider.username_kind]
    assert not filled or provider.hint_for("username", filled) is None


@pytest.mark.parametrize("port", [465, 2465, 8465, 587, 2587, 2525, 8025])
def test_the_security_follows_from_the_port(port: int) -> None:
    assert security_of(port) == (Security.IMPLICIT_TLS if port % 1000 == 465 else Security.STARTTLS)


def test_white_labels_are_offered_only_ports_that_they_may_use() -> None:
    smtp2go = lookup.by_name("SMTP2GO")
    assert smtp2go is not None
    assert smtp2go.ports_for(Policy.PLATFORM) == [2525, 587, 8025, 465, 8465]
    assert smtp2go.ports_for(Policy.WHITE_LABEL) == [2525, 587, 465]


@pytest.mark.parametrize(
    ("key", "field", "good", "bad"),
    [
        ("sendgrid", "username", "apikey", "me@acme.test"),
        ("resend", "username", "resend", "me@acme.test"),
        ("ses", "username", "AKIAIOSFODNN7EXAMPLE", "me@acme.test"),
        ("scaleway", "username", "12345678-90AB-cdef-1234-567890abcdef", "me@acme.test"),
        ("gmail", "password", "abcd efgh ijkl mnop", "Summer2026!"),
        ("google-workspace", "password", "abcdefghijklmnop", "Summer2026!"),
        ("yahoo", "password", "abcdefghijklmnop", "Summer2026!"),
        ("icloud", "password", "abcd-efgh-ijkl-mnop", "Summer2026!"),
        ("fastmail", "password", "a1b2c3d4e5f6g7h8", "Summer2026!"),
        ("mailgun", "username", "postmaster@mg.acme.test", "postmaster"),
        ("sparkpost", "username", "SMTP_Injection", "me@acme.test"),
        ("mailtrap", "username", "api", "me@acme.test"),
        ("brevo", "password", "xsmtpsib-1234", "xkeysib-1234"),
    ],
)
def test_a_wrong_credential_is_seen_by_its_shape(key: str, field: str, good: str, bad: str) -> None:
    provider = next(provider for provider in lookup.all_providers() if provider.key == key)
    assert provider.hint_for(field, good) is None
    hint = provider.hint_for(field, bad)
    assert hint is not None
    assert hint.blocks == (key in ("sendgrid", "resend", "brevo"))


@pytest.mark.parametrize(("typed", "name"), [("yahoo", "Yahoo Mail"), ("mail.RU", "Mail.ru"), ("gmail", "Gmail")])
def test_part_of_a_name_is_enough_where_it_is_one_providers(typed: str, name: str) -> None:
    provider = lookup.by_name(typed)
    assert provider is not None
    assert provider.name == name


@pytest.mark.parametrize("typed", ["", "  ", "zoho", "nobody"])
def test_no_name_or_one_of_several_is_nobodys(typed: str) -> None:
    assert lookup.by_name(typed) is None


@pytest.mark.parametrize(("day", "begins"), [("2026-12-31", "After December 2026"), ("2027-01-01", "Since the end")])
def test_a_dated_warning_changes_its_words_on_its_day(day: str, begins: str) -> None:
    with time_machine.travel(datetime.fromisoformat(day).replace(tzinfo=UTC), tick=False):
        assert lookup.warnings_of(SmtpServer(host="smtp.office365.com", auth="PASSWORD"))[0].startswith(begins)


def test_a_warning_concerns_only_servers_that_sign_in_so() -> None:
    assert lookup.warnings_of(SmtpServer(host="smtp.office365.com", auth="NONE")) == []
    assert lookup.warnings_of(SmtpServer(host="smtp.acme.test", auth="PASSWORD")) == []
    assert lookup.warnings_of(None) == []


def test_a_good_table_is_read() -> None:
    assert [provider.name for provider in load(GOOD)] == ["Acme Mail"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "Acme Mail"', "", "lacks|missing"),
        ('host = "smtp.acme.test"', "", "missing"),
        ('username_kind = "ADDRESS"', "", "acme lacks username_kind"),
        ('username_kind = "ADDRESS"', 'username_kind = "PHONE"', "PHONE"),
        ('username_kind = "ADDRESS"', 'username_kind = "LITERAL"', "does not say its username"),
        ('"smtp.acme.test"', '"smtp acme"', "host or a domain that is no name"),
        ('"smtp.acme.test"', "5", "host is of another type"),
        ('["acme.test"]', '["acme"]', "host or a domain that is no name"),
        ('["acme.test"]', '"acme.test"', "domains is of another type"),
        ('["acme.test"]', '["acme.test"]\nmx = ["mx*.acme.test"]', "mail exchanger"),
        ("[465, 587]", "[25]", "a port whose security is not known"),
        ("[465, 587]", "[8025]", "no port that white-labels may use"),
        ("[465, 587]", '["465"]', "ports is of another type"),
        ("[465, 587]", "465", "ports is of another type"),
        ("password =", 'token_source = "YAHOO"\npassword =', "an unknown source of tokens"),
        ("https://", "http://", "no https page"),
        ("password", "pasword", "pasword"),
        ("[acme]", "[acme", "cannot be read"),
    ],
)
def test_a_broken_table_is_refused_in_a_sentence(old: str, new: str, sentence: str) -> None:
    with pytest.raises(BrokenTable, match=sentence) as caught:
        load(GOOD.replace(old, new))
    assert str(caught.value).startswith("providers.toml")


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ('[[acme.hints]]\nfield = "host"\nshape = "x"\nsentence = "X."', "unknown field"),
        ('[[acme.hints]]\nfield = "username"\nshape = "("\nsentence = "X."', "no regular expression"),
        ('[[acme.warnings]]\nday = 2026-01-01\nauth = "MAGIC"\nbefore = "X."\nfrom = "Y."', "unknown sign-in"),
        ('[[acme.warnings]]\nday = "soon"\nauth = ""\nbefore = "X."\nfrom = "Y."', "day is of another type"),
        ('[[acme.warnings]]\nday = 2026-01-01\nauth = ""\nbefore = "X."', "lacks from"),
        (GOOD.replace("[acme]", "[other]"), "Acme Mail is there twice"),
        (GOOD.replace("[acme]", "[other]").replace("Acme Mail", "Other"), "acme.test is there twice"),
    ],
)
def test_a_broken_part_of_a_table_is_refused_too(part: str, sentence: str) -> None:
    with pytest.raises(BrokenTable, match=sentence):
        load(GOOD + part)


def test_two_regions_of_one_key_are_told() -> None:
    region = '[[acme.regions]]\nkey = "eu"\nname = "Europe"\nhost = "smtp.acme.test"\n'
    with pytest.raises(BrokenTable, match="two regions of one key"):
        load(re.sub("(domains|host) = .*", "", GOOD) + region * 2)


def test_a_broken_table_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "providers.toml"
    broken.write_text(GOOD.replace("587", "588"))
    monkeypatch.setattr(table, "FILE", broken)
    monkeypatch.setattr(lookup, "all_providers", lookup.all_providers.__wrapped__)
    with pytest.raises(SystemExit) as stopped:
        apps.SmtpSettingsConfig("smtp_settings", apps).ready()
    assert stopped.value.code == 2
    assert capsys.readouterr().err == ("Cannot start: providers.toml: acme has a port whose security is not known.\n")


@pytest.mark.parametrize(("day", "auth"), [("2026-12-31", "PASSWORD"), ("2027-01-01", "XOAUTH2")])
def test_tokens_are_suggested_from_the_day_on_which_passwords_are_refused(day: str, auth: str) -> None:
    microsoft, outlook = lookup.by_name("Microsoft 365"), lookup.by_name("Outlook")
    assert microsoft is not None
    assert outlook is not None
    with time_machine.travel(datetime.fromisoformat(day).replace(tzinfo=UTC), tick=False):
        assert (microsoft.auth, outlook.auth) == (auth, "XOAUTH2")
