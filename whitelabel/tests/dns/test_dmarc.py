"""DMARC as RFC 9989 finds it: the walk up the tree, what counts as a record, and what is asked for."""

import dns.resolver
import pytest
from checkdmarc import dmarc as checkdmarc

from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns.answers import Answer, Lookup, absent, answered, unknown
from whitelabel.dns.check import check_records
from whitelabel.dns.dmarc import SUGGESTED, Dmarc, advice, find, has_version, is_policy, sentence, softest, walk
from whitelabel.dns.record import Record

FAILS = "!"
NO_POLICY = "Receivers take what is at _dmarc.mail.acme.test for no DMARC policy."


def zone(**records: str | tuple[str, ...]) -> Lookup:
    """Serve DMARC records by the names that have them, with "_" for the dots; "!" is a failure of DNS."""

    def lookup(name: str, kind: str) -> Answer:
        there = records.get(name.removeprefix("_dmarc.").replace(".", "_"), ())
        if there == FAILS:
            return unknown("It failed.")
        values = (there,) if isinstance(there, str) else there
        return answered(*values) if values else absent()

    return lookup


def found(domain: str = "mail.acme.test", *, exists: bool = True, **records: str | tuple[str, ...]) -> Dmarc:
    return find(domain, zone(**records), exists=exists)


def outcome(dmarc: Dmarc) -> tuple[str, str, str]:
    """Return what is asked for, where that stands, and the organisational domain."""
    return dmarc.request, dmarc.applied.domain if dmarc.applied else "", dmarc.organizational


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("acme.test", ["acme.test", "test"]),
        ("a.mail.acme.test", ["a.mail.acme.test", "mail.acme.test", "acme.test", "test"]),
        (
            "1.2.3.4.5.6.acme.test",
            ["1.2.3.4.5.6.acme.test", "2.3.4.5.6.acme.test", "3.4.5.6.acme.test", "4.5.6.acme.test"],
        ),
        ("a.b.c.d.e.f.g.h.i.acme.test", ["a.b.c.d.e.f.g.h.i.acme.test", "e.f.g.h.i.acme.test", "f.g.h.i.acme.test"]),
    ],
)
def test_the_walk_goes_up_and_asks_at_most_eight_times(domain: str, names: list[str]) -> None:
    asked = list(walk(domain))
    assert asked[: len(names)] == names
    assert len(asked) <= 8
    assert asked[-1] == "test"


@pytest.mark.parametrize(
    ("records", "right"),
    [
        ({"mail_acme_test": "v=DMARC1; p=reject; sp=none"}, ("reject", "mail.acme.test", "mail.acme.test")),
        ({"acme_test": "v=DMARC1; p=reject"}, ("reject", "acme.test", "acme.test")),
        ({"acme_test": "v=DMARC1; p=reject; sp=quarantine; np=none"}, ("quarantine", "acme.test", "acme.test")),
        (
            {"mail_acme_test": "v=DMARC1; p=none", "acme_test": "v=DMARC1; p=reject"},
            ("none", "mail.acme.test", "acme.test"),
        ),
        (
            {"mail_acme_test": "v=DMARC1; p=none; psd=n", "acme_test": "v=DMARC1; p=reject"},
            ("none", "mail.acme.test", "mail.acme.test"),
        ),
        ({"test": "v=DMARC1; p=reject; psd=y; sp=quarantine"}, ("quarantine", "test", "acme.test")),
        (
            {"acme_test": "v=DMARC1; p=none", "test": "v=DMARC1; p=reject; psd=y"},
            ("none", "acme.test", "acme.test"),
        ),
        ({"acme_test": "v=DMARC1; p=reject; psd=y"}, ("reject", "acme.test", "mail.acme.test")),
        ({"test": "v=DMARC1; p=reject"}, ("reject", "test", "test")),
        ({}, ("", "", "mail.acme.test")),
        (
            {"mail_acme_test": ("v=DMARC1; p=none", "v=DMARC1; p=reject"), "acme_test": "v=DMARC1; p=quarantine"},
            ("quarantine", "acme.test", "acme.test"),
        ),
        ({"mail_acme_test": ("v=DMARC1; p=none", "v=DMARC1; p=oops")}, ("", "", "mail.acme.test")),
        ({"mail_acme_test": ("v=DMARC1; p=none", "v=spf1 -all", "junk")}, ("none", "mail.acme.test", "mail.acme.test")),
        (
            {"mail_acme_test": "v=DMARC1; p=oops", "acme_test": "v=DMARC1; p=reject"},
            ("", "mail.acme.test", "acme.test"),
        ),
    ],
)
def test_the_policy_and_the_organisation_are_found_by_the_walk(
    records: dict[str, str | tuple[str, ...]], right: tuple[str, str, str]
) -> None:
    assert outcome(find("mail.acme.test", zone(**records))) == right


def test_for_a_name_that_does_not_exist_np_counts() -> None:
    policy = "v=DMARC1; p=none; sp=quarantine; np=reject"
    assert found(acme_test=policy, exists=False).request == "reject"
    assert found(acme_test=policy, exists=True).request == "quarantine"
    assert found(acme_test="v=DMARC1; p=none; sp=quarantine", exists=False).request == "quarantine"


def test_a_walk_that_meets_a_dns_that_fails_knows_nothing() -> None:
    failed = found(mail_acme_test=FAILS, acme_test="v=DMARC1; p=reject")
    assert (failed.unknown, sentence(failed)) == (True, "The DMARC policy could not be looked up.")
    assert list(advice(failed)) == []


@pytest.mark.parametrize("record", ["v=DMARC1", "v=DMARC1;p=none", "V = DMARC1 ; p=x", "v=DMARC1;;;"])
def test_what_starts_with_the_version_counts_as_a_record(record: str) -> None:
    assert has_version(record)


@pytest.mark.parametrize(
    "record",
    [
        *("v=dmarc1; p=none", " v=DMARC1; p=none", '"v=DMARC1; p=none"', "v=DMARC1 p=none", "p=none; v=DMARC1"),
        *("v=DMARC10; p=none", "v=DMARC1, p=none", "DMARC1; p=none", ""),
    ],
)
def test_nothing_else_counts(record: str) -> None:
    assert not has_version(record)


@pytest.mark.parametrize(
    ("record", "request_"),
    [
        ("v=DMARC1; p=reject; foo", "reject"),
        ("v=DMARC1; p=reject; foo=bar; adkim=x; psd=maybe; t=perhaps; pct=many", "reject"),
        ("v=DMARC1; rua=mailto:d@acme.test; p=reject", "reject"),
        ("v=DMARC1;p = Reject ;", "reject"),
        ("v=DMARC1; p=reject;; ;", "reject"),
        ("v=DMARC1; p=reject; pct=0", "reject"),
        ("v=DMARC1; p=rejct; rua=mailto:d@acme.test", "none"),
        ("v=DMARC1; p=reject; sp=oops; rua=mailto:d@acme.test", "none"),
        ("v=DMARC1; rua=mailto:d@acme.test", "none"),
        ("v=DMARC1; p=reject; sp=oops", ""),
        ("v=DMARC1; p=rejct", ""),
        ("v=DMARC1; p=none; p=reject", ""),
        ("v=DMARC1", ""),
        ("v=DMARC1; rua=d@acme.test", ""),
    ],
)
def test_junk_is_passed_over_and_a_broken_policy_is_none(record: str, request_: str) -> None:
    assert found(mail_acme_test=record).request == request_
    assert is_policy(record) is bool(request_)


def test_a_policy_in_test_mode_is_said_to_be() -> None:
    assert "test mode" in sentence(found(mail_acme_test="v=DMARC1; p=reject; t=y"))
    assert "test mode" not in sentence(found(mail_acme_test="v=DMARC1; p=none; t=y"))


@pytest.mark.parametrize(
    ("records", "sentences"),
    [
        ({}, ["Recommended, not needed: a DMARC policy. Publish this TXT record."]),
        ({"mail_acme_test": "v=DMARC1; p=reject; junk"}, []),
        ({"acme_test": "v=DMARC1; p=none"}, []),
        (
            {"mail_acme_test": ("v=DMARC1; p=none", "v=DMARC1; p=oops")},
            ["Keep one of the DMARC records at _dmarc.mail.acme.test, and delete the others."],
        ),
        (
            {"mail_acme_test": "v=DMARC1; p=oops"},
            ["Put this in place of the DMARC record at _dmarc.mail.acme.test. Do not add a second one."],
        ),
        (
            {"mail_acme_test": '"v=DMARC1; p=reject"'},
            [f"{NO_POLICY} Recommended: put this in its place."],
        ),
    ],
)
def test_a_second_record_is_never_advised(records: dict[str, str | tuple[str, ...]], sentences: list[str]) -> None:
    given = list(advice(find("mail.acme.test", zone(**records))))
    assert [one.sentence for one in given] == sentences
    assert {one.value for one in given} <= {"", SUGGESTED}


def test_of_several_policies_the_softest_is_kept() -> None:
    assert softest(["v=DMARC1; p=reject", "v=DMARC1; p=oops", "v=DMARC1; p=quarantine"]) == "v=DMARC1; p=quarantine"
    assert softest(["v=DMARC1; p=oops"]) == ""


def checkdmarc_says(server: LoopbackDnsServer, domain: str) -> tuple[str, str]:
    """Return where checkdmarc finds the policy and what that asks for, "" where there is none."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [server.host], server.port
    try:
        result = checkdmarc.get_dmarc_record(domain, resolver=resolver)
    except checkdmarc.DMARCError:
        return "", ""
    return str(result["location"]), str(result["parsed"]["tags"]["p"]["value"])


@pytest.mark.parametrize(
    ("name", "records", "right"),
    [
        ("own", {"mail": "v=DMARC1; p=reject"}, ("mail.own.test", "reject")),
        ("above", {"": "v=DMARC1; p=quarantine"}, ("above.test", "quarantine")),
        ("nothing", {}, ("", "")),
        ("both", {"mail": "v=DMARC1; p=none", "": "v=DMARC1; p=reject"}, ("mail.both.test", "none")),
        ("junk", {"mail": "v=DMARC1; p=reject; foo=bar"}, ("mail.junk.test", "reject")),
        ("order", {"mail": "v=DMARC1; rua=mailto:d@order.test; p=reject"}, ("mail.order.test", "reject")),
    ],
)
def test_checkdmarc_finds_the_same(
    name: str, records: dict[str, str], right: tuple[str, str], dns_server: LoopbackDnsServer
) -> None:
    for label, value in records.items():
        dns_server.add(".".join(filter(None, ("_dmarc", label, f"{name}.test"))), "TXT", f'"{value}"')
    domain = f"mail.{name}.test"
    dns_server.add(domain, "A", "192.0.2.1")
    facts = check_records(domain, []).facts
    assert checkdmarc_says(dns_server, domain) == right
    assert facts.dmarc_at.removeprefix("_dmarc.") == right[0]
    assert f"“{right[1]}”" in facts.dmarc_says or not right[1]


def test_checkdmarc_looks_no_further_where_the_name_does_not_exist(dns_server: LoopbackDnsServer) -> None:
    """RFC 9989 4.7 has np for such names, and 4.10.1 finds it above them."""
    dns_server.add("_dmarc.absent.test", "TXT", '"v=DMARC1; p=none; np=reject"')
    assert checkdmarc_says(dns_server, "mail.absent.test") == ("", "")
    assert "“reject”, taken from _dmarc.absent.test" in check_records("mail.absent.test", []).facts.dmarc_says


def test_a_key_above_is_aligned_only_where_the_policy_is_up_there_too(dns_server: LoopbackDnsServer) -> None:
    key = Record("TXT", "k1._domainkey.acme.test", "p=abc")
    dns_server.add("_dmarc.mail.acme.test", "TXT", '"v=DMARC1; p=reject"')
    assert check_records("mail.acme.test", [key]).facts.alignment.endswith(
        "it is aligned neither with DKIM nor with SPF, so DMARC does not pass. Mail servers that still follow RFC 7489 "
        "take it as aligned; a DMARC policy at _dmarc.acme.test makes it so for all."
    )
    dns_server.add("_dmarc.acme.test", "TXT", '"v=DMARC1; p=none"')
    assert "it is aligned with DKIM (d=acme.test)" in check_records("mail.acme.test", [key]).facts.alignment
