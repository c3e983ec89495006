"""SPF as receivers evaluate it (RFC 7208), over zones of a few lines."""

import pytest

from whitelabel.dns.answers import Answer, Lookup, absent, answered, unknown
from whitelabel.dns.record import Record
from whitelabel.dns.spf.compare import results_for
from whitelabel.dns.spf.evaluation import Evaluation, evaluate

PROVIDER = "v=spf1 include:spf.provider.test ~all"
BASE = {("spf.provider.test", "TXT"): ("v=spf1 ip4:192.0.2.0/24 -all",)}


def zone(record: str, **more: str) -> Lookup:
    """Serve `record` at acme.test, and records below it by their first label; "!" is a failure of DNS."""
    txt = BASE | {("acme.test", "TXT"): (record,)} | {(f"{name}.acme.test", "TXT"): (v,) for name, v in more.items()}

    def lookup(name: str, kind: str) -> Answer:
        values = txt.get((name, kind))
        if values == ("!",):
            return unknown("It failed.")
        return answered(*values) if values else absent()

    return lookup


def evaluated(record: str, **more: str) -> Evaluation:
    return evaluate("acme.test", zone(record, **more))


def results(expected: str, published: str, **more: str) -> list[str]:
    """Return what receivers answer to what each term of the expected record is about."""
    record = Record("TXT", "acme.test", expected)
    return [result.value for result in results_for(record, zone(published, **more))]


def chain(length: int) -> dict[str, str]:
    """Return a chain of includes, n1 to n`length`, each in the one before."""
    links = {f"n{number}": f"v=spf1 include:n{number + 1}.acme.test -all" for number in range(1, length)}
    return links | {f"n{length}": "v=spf1 ip4:192.0.2.1 -all"}


@pytest.mark.parametrize(
    ("record", "lookups"),
    [
        ("v=spf1 -all", 0),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all", 0),
        ("v=spf1 include:spf.provider.test -all", 1),
        ("v=spf1 a mx ptr exists:x.acme.test -all", 4),
        ("v=spf1 -all a mx include:spf.provider.test", 0),
        ("v=spf1 redirect=spf.provider.test", 1),
        ("v=spf1 -all redirect=spf.provider.test", 0),
        ("v=spf1 include:n1.acme.test include:n1.acme.test -all", 6),
        ("v=spf1 exp=x.acme.test -all", 0),
    ],
)
def test_lookups_are_counted_as_receivers_make_them(record: str, lookups: int) -> None:
    assert evaluated(record, **chain(3)).lookups == lookups


def test_ten_lookups_are_allowed_and_eleven_are_an_error() -> None:
    ten, eleven = (evaluated("v=spf1 include:n1.acme.test -all", **chain(length)) for length in (10, 11))
    assert (ten.lookups, ten.errors) == (10, ())
    assert eleven.errors == ("The SPF record of acme.test costs 11 lookups; receivers stop at 10.",)


def test_a_tree_without_an_end_is_not_followed_to_its_end() -> None:
    branches = {f"n{number}": f"v=spf1 {f'include:n{number + 1}.acme.test ' * 9}-all" for number in range(1, 20)}
    many = evaluated("v=spf1 include:n1.acme.test -all", **branches)
    assert any("costs more than 25 lookups" in error for error in many.errors)


@pytest.mark.parametrize(
    ("record", "error"),
    [
        ("v=spf1 include:gone.acme.test -all", "leads to no SPF record"),
        ("v=spf1 redirect=gone.acme.test", "leads to no SPF record"),
        ("v=spf1 include:acme.test -all", "includes itself by way of acme.test"),
        ("v=spf1 include:loop.acme.test -all", "includes itself by way of acme.test"),
        ("v=spf1 ip4:300.1.1.1 -all", "“ip4:300.1.1.1” in the SPF record of acme.test is not valid"),
        ("v=spf1 redirect=a.acme.test redirect=b.acme.test", "“redirect=a.acme.test” in the SPF record of acme.test"),
        ("v=spf1 a:x.acme.test a:y.acme.test mx:z.acme.test -all", "3 names in the SPF record of acme.test lead"),
    ],
)  # fmt: skip
def test_what_makes_receivers_give_up_is_an_error(record: str, error: str) -> None:
    assert any(error in one for one in evaluated(record, loop="v=spf1 redirect=acme.test").errors)


@pytest.mark.parametrize("record", ["v=spf1 include:%{i}.acme.test -all", "v=spf1 exists:%{i}.acme.test -all"])
def test_macros_cannot_be_evaluated_and_it_is_said(record: str) -> None:
    macros = evaluated(record)
    assert "depends on each mail and cannot be evaluated" in macros.unknown[0]
    assert (macros.errors, macros.lookups) == ((), 1)


def test_of_two_terms_that_match_alike_the_first_counts() -> None:
    assert results("v=spf1 ip4:192.0.2.1 -all", "v=spf1 -ip4:192.0.2.1 ip4:192.0.2.1 -all") == ["fail"]


def test_dns_that_fails_is_no_error_of_the_record() -> None:
    failed = evaluated("v=spf1 include:x.acme.test -all", x="!")
    assert (failed.errors, failed.unknown) == ((), ("The SPF record of x.acme.test could not be looked up.",))
    assert evaluated("!").unknown == ("The SPF record of acme.test could not be looked up.",)


@pytest.mark.parametrize("record", ["v=spf1 +all", "v=spf1 ptr -all", f"v=spf1 {'ip4:192.0.2.1 ' * 40}-all"])
def test_what_is_unwise_is_doubted(record: str) -> None:
    assert len(evaluated(record).warnings) == 1


@pytest.mark.parametrize(
    ("published", "expected", "right"),
    [
        ("v=spf1 include:spf.provider.test -all", PROVIDER, "pass"),
        ("v=spf1 mx -all", PROVIDER, "fail"),
        ("v=spf1 mx", PROVIDER, "neutral"),
        ("v=spf1 +all", PROVIDER, "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.77 -all", "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.0.0/16 -all", "fail"),
        ("v=spf1 include:spf.provider.test -all", "v=spf1 ip4:192.0.2.77 -all", "pass"),
        ("v=spf1 redirect=spf.provider.test", "v=spf1 ip4:192.0.2.77 -all", "pass"),
        ("v=spf1 redirect=spf.provider.test", PROVIDER, "pass"),
        ("v=spf1 redirect=n1.acme.test", PROVIDER, "neutral"),
        ("v=spf1 include:spf.provider.test", "v=spf1 redirect=spf.provider.test", "pass"),
        ("v=spf1 redirect=%{d2}.spf.provider.test", "v=spf1 include:acme.test.spf.provider.test", "permerror"),
        ("v=spf1 include:%{i}.x.test include:spf.provider.test -all", PROVIDER, "pass"),
        ("v=spf1 include:%{i}.x.test -all", "v=spf1 include:%{I}.x.test -all", "pass"),
        ("v=spf1 include:%{i}.x.test -all", PROVIDER, "temperror"),
        ("v=spf1 exists:%{i}.a.test exists:%{i}.b.test include:spf.provider.test -all", PROVIDER, "pass"),
        ("v=spf1 exists:%{i}.a.test exists:%{i}.b.test a:%{i}.c.test include:spf.provider.test", PROVIDER, "temperror"),
        ("v=spf1 include:x.acme.test include:spf.provider.test", PROVIDER, "temperror"),
        ("v=spf1 include:spf.provider.test include:x.acme.test", PROVIDER, "pass"),
        ("v=spf1 include:spf.provider.test include:gone.acme.test", PROVIDER, "pass"),
        ("v=spf1 include:gone.acme.test include:spf.provider.test", PROVIDER, "permerror"),
        ("v=spf1 include:spf.provider.test ip4:192.0.2.0/033", PROVIDER, "permerror"),
        ("v=spf1 ?include:n1.acme.test -all", "v=spf1 ip4:192.0.2.1 -all", "neutral"),
        ("v=spf1 a:acme.test mx:acme.test -all", "v=spf1 a -all", "pass"),
        ("v=spf1 a:acme.test/24 -all", "v=spf1 a -all", "fail"),
        ("v=spf1 mx -all", "v=spf1 ~all", "pass"),
        ("v=spf1 mx -al", "v=spf1 ~all", "permerror"),
    ],
)
def test_what_a_provider_needs_is_found_wherever_it_is_allowed(published: str, expected: str, right: str) -> None:
    assert results(expected, published, x="!", n1="v=spf1 ip4:192.0.2.1") == [right]
