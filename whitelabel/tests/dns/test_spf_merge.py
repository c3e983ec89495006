"""Merging SPF records: whatever is published, one record comes out, it allows what both allow, and it stays so."""

from itertools import takewhile

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from whitelabel.dns.spf.merge import merged as merge
from whitelabel.dns.spf.terms import COSTS_A_LOOKUP, is_spf, terms_of

NAMES = ("spf.one.test", "_spf.two.test", "three.test", "%{i}.four.test")
PROVIDER = "v=spf1 include:spf.provider.test ~all"

mechanism_names = st.sampled_from(
    [
        *(f"include:{name}" for name in NAMES),
        *("a", "mx", "a:three.test/24", "mx/24//64", "ptr", "exists:%{i}.x.test", "INCLUDE:Three.Test."),
        *("ip4:192.0.2.0/24", "ip4:192.0.2.1", "ip6:2001:db8::/32", "ip6:2001:DB8::1"),
    ]
)
mechanisms = st.builds("{}{}".format, st.sampled_from(["", "", "", "+", "~", "-", "?"]), mechanism_names)
alls = st.sampled_from(["", "", "all", "-all", "~all", "?all", "+all"])
others = st.sampled_from(["", "", "redirect=_spf.two.test", "redirect=three.test", "exp=why.test", "x-note=1"])


@st.composite
def records(draw: st.DrawFn) -> str:
    """Records that receivers understand, with terms behind the `all` too."""
    words = [*draw(st.lists(mechanisms, max_size=5)), draw(alls), *draw(st.lists(mechanisms, max_size=1)), draw(others)]
    return " ".join(["v=spf1", *filter(None, words)])


published_records = st.lists(records(), max_size=3)


def kept(record: str) -> list[tuple[str, str]]:
    """Return the mechanisms of a record before its `all`, each in its one spelling; what stands behind it is dead."""
    mechanisms = [term for term in terms_of(record) if not term.is_modifier]
    return [
        (term.qualifier, term.canonical("acme.test")) for term in takewhile(lambda term: term.name != "all", mechanisms)
    ]


@given(published_records, records())
def test_merging_once_more_changes_nothing(published: list[str], expected: str) -> None:
    once = merge(published, expected, "acme.test")
    assert merge([once], expected, "acme.test") == once
    assume(len({one[1:] for one in kept(once)}) == len(kept(once)))
    assert merge([once], once, "acme.test") == once


@given(published_records, records())
def test_every_mechanism_is_kept_and_none_is_there_twice(published: list[str], expected: str) -> None:
    merged = kept(merge(published, expected, "acme.test"))
    wanted = {mechanism for record in (*published, expected) for mechanism in kept(record)}
    redirected = {("+", f"include:{name}") for name in ("_spf.two.test", "three.test")}
    assert wanted <= set(merged) <= wanted | redirected
    assert len(merged) == len(set(merged))


@given(published_records, records())
def test_there_is_one_record_with_one_end(published: list[str], expected: str) -> None:
    merged = merge(published, expected, "acme.test")
    terms = terms_of(merged)
    ends = [term for term in terms if term.name in {"all", "redirect"}]
    assert is_spf(merged)
    assert len(ends) <= 1
    assert not ends or all(term.is_modifier for term in terms[terms.index(ends[0]) :] if term.name != "all")


@given(records(), records())
def test_the_order_of_what_is_published_stays(published: str, expected: str) -> None:
    before = list(dict.fromkeys(kept(published)))
    assume(len({one[1:] for one in before}) == len(before))  # one that allows goes before its like that does not
    after = [one for one in kept(merge([published], expected, "acme.test")) if one in before]
    allowing = [one for one in after if one[0] == "+"]
    assert [one for one in after if one[0] != "+"] == [one for one in before if one[0] != "+"]
    assert allowing == [one for one in before if one[0] == "+"]


def lookups_of(record: str) -> int:
    """Count the terms of the record itself that cost receivers a lookup (RFC 7208 4.6.4)."""
    return sum(term.name in COSTS_A_LOOKUP for term in terms_of(record))


@given(records(), records())
def test_a_merge_costs_at_most_what_both_cost(published: str, expected: str) -> None:
    cost = lookups_of(merge([published], expected, "acme.test"))
    assert cost <= lookups_of(published) + lookups_of(expected)
    assert cost >= lookups_of(merge([published], published, "acme.test"))


@pytest.mark.parametrize(
    ("published", "merged"),
    [
        ([], "v=spf1 include:spf.provider.test ~all"),
        (["v=spf1 -all"], "v=spf1 include:spf.provider.test -all"),
        (["v=spf1 mx a ip4:192.0.2.1 ~all"], "v=spf1 mx a ip4:192.0.2.1 include:spf.provider.test ~all"),
        (["v=spf1 include:spf.provider.test -all"], "v=spf1 include:spf.provider.test -all"),
        (["v=spf1 a redirect=x.test"], "v=spf1 a include:spf.provider.test redirect=x.test"),
        (["v=spf1 a -all", "v=spf1 mx ~all"], "v=spf1 a mx include:spf.provider.test ~all"),
        (["v=spf1 redirect=x.test", "v=spf1 mx -all"], "v=spf1 include:x.test mx include:spf.provider.test -all"),
        (
            ["v=spf1 ~include:spf.provider.test -all"],
            "v=spf1 include:spf.provider.test ~include:spf.provider.test -all",
        ),
        (["v=spf1 a ip4:nonsense ~all"], "v=spf1 a include:spf.provider.test ~all"),
        (["v=spf1 a ~all exp=why.test"], "v=spf1 a include:spf.provider.test ~all exp=why.test"),
    ],
)  # fmt: skip
def test_the_providers_record_is_put_into_what_is_there(published: list[str], merged: str) -> None:
    assert merge(published, PROVIDER, "acme.test") == merged


@pytest.mark.parametrize(
    ("published", "merged"),
    [
        ("v=spf1 ip4:9.9.9.9", "v=spf1 ip4:9.9.9.9 include:x.test"),
        ("v=spf1 include:acme.test -all", "v=spf1 include:x.test -all"),
        ("v=spf1 -include:x.test include:x.test -all", "v=spf1 include:x.test -include:x.test -all"),
        ("v=spf1 mx all=x", "v=spf1 mx include:x.test all=x"),
    ],
)
def test_a_merge_keeps_the_policy_and_nothing_that_cannot_work(published: str, merged: str) -> None:
    assert merge([published], "v=spf1 include:x.test ~all", "acme.test") == merged


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(term.canonical("acme.test") is not None for term in terms_of(f"v=spf1 {text}"))
    assert is_spf(merge([f"v=spf1 {text}"], PROVIDER, "acme.test"))


@pytest.mark.parametrize(
    "term",
    [
        *(
            "all",
            "-all",
            "a",
            "+mx",
            "a:x.test",
            "mx:x.test/24//64",
            "a//128",
            "ptr",
            "ptr:x.test",
            "exists:%{i}.x.test",
        ),
        *("ip4:1.2.3.4", "ip4:1.2.3.0/24", "ip6:2001:db8::1", "ip6:2001:db8::/32", "include:_spf.x.test."),
        *(
            "include:%{l1r-}.%{d2}.x.test",
            "redirect=x.test",
            "exp=x.test",
            "unknown=anything",
            "unknown=%{c}",
            "a:x.1-1",
        ),
        *("include:a..test", "include:" + "a." * 130 + "test", "include:<script>.test", "a:x.test/0//0"),
    ],
)
def test_what_the_standard_allows_is_valid(term: str) -> None:
    assert terms_of(f"v=spf1 {term}")[0].is_valid


@pytest.mark.parametrize(
    "term",
    [
        *("al", "all:x.test", "all/24", "a:", "a/33", "a//129", "mx:nodot", "ptr/24", "exists", "include", "include:"),
        *("include:nodot", "include:x.test/24", "ip4", "ip4:1.2.3", "ip4:1.2.3.4/33", "ip4:::1"),
        *("ip6:1.2.3.4", "include:%{z}.x.test", "include:100%.x.test", "redirect=", "*all", "include:x.123"),
        *(
            "a:\u0430.test",
            "include:a\u2028b.test",
            "ip4:192.0.2.0/024",
            "ip4:192.0.2.0/00",
            "a/032",
            "a//0128",
            "a:/24",
        ),
        *("ptr:", "mx:", "a:x.-test", "a:x.test-", "a:x.1", "a:x.1-", "ip6:fe80::1%eth0", "all:", "all.", "-all;"),
        *(
            "include:%{c}.x.test",
            "exists:%{r}.x.test",
            "a:%{t}.x.test",
            "exp=%{c}.x.test",
            "a:%{d0}.x.test",
            "\u2013all",
        ),
    ],
)
def test_what_it_does_not_allow_is_not(term: str) -> None:
    assert not terms_of(f"v=spf1 {term}")[0].is_valid
