"""What is wrong with a pasted record is repaired where that is safe, and remarked on in any case."""

from pathlib import Path

import pytest

from whitelabel.pasting import PastedRow, lint, read

KEY = next(
    line.split("p=")[1].strip()
    for line in (Path(__file__).with_name("pasted") / "brevo.txt").read_text().splitlines()
    if "p=MI" in line
)


def row(text: str, domain: str = "example.com") -> PastedRow:
    (only,) = read(text, domain).rows
    return only


@pytest.mark.parametrize(
    ("name", "full", "remark"),
    [
        ("mail.example.com.example.com", "mail.example.com", "contained the domain twice"),
        ("example.com.example.com", "example.com", "contained the domain twice"),
        ("s1.domainkey", "s1._domainkey.example.com", "underscore was missing"),
        ("s1.\\_domainkey", "s1._domainkey.example.com", "Backslashes in the name"),
        ("s1._domainkey.", "s1._domainkey.example.com", "final dot of the name"),
        ("s1\u200b._domainkey", "s1._domainkey.example.com", "Invisible characters"),
        ("“s1._domainkey”", "s1._domainkey.example.com", "Quotes around the name"),
    ],
)
def test_a_name_is_repaired(name: str, full: str, remark: str) -> None:
    pasted = row(f"TXT\t{name}\tv=x")
    assert pasted.record.name == full
    assert remark in " ".join(pasted.repairs)


def test_a_name_counted_from_the_domain_above_is_understood() -> None:
    pasted = row("TXT\ts1._domainkey.shop\tv=x", "shop.example.com")
    assert pasted.record.name == "s1._domainkey.shop.example.com"
    assert pasted.repairs == ("The name was counted from example.com; it is the same name in full.",)


def test_a_name_in_other_letters_is_known_as_within_the_domain() -> None:
    pasted = row(f"TXT\ts1._domainkey.bücher.example\tp={KEY}", "xn--bcher-kva.example")
    assert pasted.record.name == "s1._domainkey.xn--bcher-kva.example"
    assert pasted.remarks == ()


def test_a_lost_underscore_of_dmarc_is_put_back() -> None:
    assert row("TXT\tdmarc\tv=DMARC1; p=none").record.name == "_dmarc.example.com"
    assert row("TXT\tdmarc\tsomething").record.name == "dmarc.example.com"


@pytest.mark.parametrize(
    ("line", "value", "remark"),
    [
        ('TXT\tm\t"v=spf1 -all"', "v=spf1 -all", "Quotes around the value"),
        ('TXT\tm\t"v=a" "b"', "v=ab", "its parts joined"),
        ("TXT\tm\t“v=spf1 -all”", "v=spf1 -all", "Typographic quotes"),
        ("TXT\tm\tv=spf1 –all", "v=spf1 -all", "Typographic dashes"),
        ("TXT\tm\tv=x\ufeff", "v=x", "Invisible characters"),
        ('TXT\tm\t"v=x', "v=x", "A quote without its partner"),
        ("TXT\tm\tv=x\\; y=z", "v=x; y=z", "Backslashes before semicolons"),
        ("CNAME\tm\tu.provider.net.", "u.provider.net", "final dot of the value"),
        ("CNAME\tm\thttps://u.provider.net/", "u.provider.net", "https:// was taken off"),
        (f"TXT\tm._domainkey\tk=rsa; p={KEY[:50]} {KEY[50:]}", f"k=rsa; p={KEY}", "Blanks inside the key"),
        ("Host: m\nValue: v=spf1 -all", "v=spf1 -all", "No type was given"),
        (f"Host: m._domainkey\nType: TXT\nValue: p={KEY[:64]}\n{KEY[64:]}", f"p={KEY}", "written on two lines"),
    ],
)
def test_a_value_is_repaired(line: str, value: str, remark: str) -> None:
    pasted = row(line)
    assert pasted.record.value == value
    assert remark in " ".join(pasted.repairs)


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        (f"TXT\tm._domainkey\tk=rsa; p={KEY[:100]}…", lint.ELLIPSIS),
        (f"TXT\tm._domainkey\tk=rsa; p={KEY[:100]}...", lint.ELLIPSIS),
        (f"TXT\tm._domainkey\tk=rsa; p={KEY[:-8]}", lint.CUT_KEY),
        ("TXT\tm._domainkey\tv=DKIM1; p=", lint.REVOKED),
        ("TXT\tm\tv=x <your domain>", lint.PLACEHOLDER),
        ("TXT\tother.net.\tv=x", "outside of example.com"),
        ("CNAME\tmail.other.com\tu.provider.net", "outside of example.com"),
        ("CNAME\t@\tu.provider.net", lint.APEX_CNAME),
        ("MX\t@\t10\tmx.provider.net", "receives all mail of example.com"),
        ("MX\tsend\tmx.provider.net", "No priority was given; 10 is assumed"),
        ("TXT\tm\tv=DKIM1; k=rsa", lint.NO_UNDERSCORE),
        ("Type: TXT\nValue: v=x", "No name was given"),
        ("TXT\tm\tv=x\nTXT\tm.example.com\tv=x", "It was there 2 times"),
    ],
)
def test_what_a_person_must_look_at_is_said(line: str, remark: str) -> None:
    assert remark in " ".join(row(line).remarks)


def test_a_whole_key_gets_no_remark() -> None:
    assert row(f"TXT\tm._domainkey\tv=DKIM1; k=rsa; p={KEY}").remarks == ()
    ed25519 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert row(f"TXT\tm._domainkey\t{ed25519}").remarks == ()


def test_a_second_spf_record_is_noticed() -> None:
    text = "TXT\t@\tv=spf1 include:a.net ~all\nTXT\t@\tv=spf1 include:b.net ~all"
    assert ["is here too" in one.remarks[0] for one in read(text, "example.com").rows] == [True, True]
    (only,) = read("TXT\t@\tv=spf1 include:a.net ~all", "example.com", spf_now=["v=spf1 mx -all"]).rows
    assert only.remarks == (lint.SPF_NOW.format(name="example.com", now="v=spf1 mx -all"),)
    (same,) = read("TXT\t@\tv=spf1 mx -all", "example.com", spf_now=["v=spf1 mx -all"]).rows
    assert same.remarks == ()


def test_what_cannot_stand_beside_each_other_is_noticed() -> None:
    text = "CNAME\tm\ta.provider.net\nCNAME\tm\tb.provider.net\nTXT\tm\tv=x"
    first, second, third = read(text, "example.com").rows
    assert first.remarks == second.remarks == (lint.TWO_CNAMES, lint.BESIDE_CNAME)
    assert third.remarks == (lint.BESIDE_CNAME,)
