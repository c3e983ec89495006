"""What is said of a domain as a whole, and the advice: never a second SPF record, and no policy in place of another."""

import pytest

from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns.check import check_records
from whitelabel.dns.facts import Advice, DomainFacts
from whitelabel.dns.record import Record

SPF = Record("TXT", "acme.test", "v=spf1 include:spf.provider.test ~all")
KEY = Record("TXT", "k1._domainkey.acme.test", "p=abc")
RETURN_PATH = Record("CNAME", "em.acme.test", "u1.provider.test")

pytestmark = pytest.mark.usefixtures("dns_server")


def facts(*records: Record, domain: str = "acme.test") -> DomainFacts:
    return check_records(domain, records).facts


def test_a_domain_without_anything() -> None:
    bare = facts()
    assert bare.spf_says == "acme.test has no SPF record."
    assert bare.dmarc_says == "acme.test has no DMARC policy."
    assert bare.advice == (
        Advice(
            "Recommended, not needed: a DMARC policy. Publish this TXT record.",
            "_dmarc.acme.test",
            "v=DMARC1; p=none",
            "DMARC record",
        ),
    )
    assert (bare.spf, bare.dmarc, bare.mx, bare.name_servers, bare.alignment) == ((), "", (), (), "")


def test_a_domain_with_everything(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", '"v=spf1 mx -all"', '"other"')
    dns_server.add("acme.test", "MX", "10 b.acme.test.", "5 a.acme.test.", "100 c.acme.test.")
    dns_server.add("acme.test", "NS", "ns2.host.test.", "ns1.host.test.")
    dns_server.add("_dmarc.acme.test", "TXT", '"v=DMARC1; p=reject"')
    full = facts()
    assert (full.spf, full.spf_says) == (
        ("v=spf1 mx -all",),
        "The SPF record needs 1 of the 10 DNS lookups that are allowed.",
    )
    assert full.mx == ("5 a.acme.test", "10 b.acme.test", "100 c.acme.test")
    assert full.name_servers == ("ns1.host.test", "ns2.host.test")
    assert (full.dmarc, full.dmarc_at) == ("v=DMARC1; p=reject", "_dmarc.acme.test")
    assert full.dmarc_says.startswith("The DMARC policy is “reject”: mail from others in the domain's name is refused.")
    assert full.advice == ()


def test_facts_are_kept_and_read_again(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "10 b.acme.test.")
    known = facts(KEY)
    assert DomainFacts.from_json(known.as_json()) == known
    assert DomainFacts.from_json({}) == DomainFacts()


def test_the_advice_is_the_exact_record_and_never_a_second_one(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", '"v=spf1 include:other.test -all"')
    for name in ("other.test", "spf.provider.test"):
        dns_server.add(name, "TXT", '"v=spf1 -all"')
    result = check_records("acme.test", [SPF])
    merged = "v=spf1 include:other.test include:spf.provider.test -all"
    assert result.verdicts[0].replacement == merged
    advice = result.facts.advice[0]
    assert "SPF record already" in advice.sentence
    assert advice.sentence.endswith("Do not add a second one; replace what is there by this one.")
    assert (advice.name, advice.value) == ("acme.test", merged)


def test_once_the_whole_record_is_there_nothing_is_advised_and_it_is_still_the_one_to_copy(
    dns_server: LoopbackDnsServer,
) -> None:
    merged = "v=spf1 include:other.test include:spf.provider.test -all"
    dns_server.add("acme.test", "TXT", f'"{merged}"')
    for name in ("other.test", "spf.provider.test"):
        dns_server.add(name, "TXT", '"v=spf1 -all"')
    result = check_records("acme.test", [SPF])
    assert (result.verdicts[0].status, result.verdicts[0].replacement) == ("OK", merged)
    assert not any("SPF record already" in one.sentence for one in result.facts.advice)


def test_two_records_are_answered_with_the_one_that_replaces_both(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", '"v=spf1 a -all"', '"v=spf1 mx ~all"')
    two = facts()
    assert two.spf_says.startswith("acme.test has 2 SPF records; receivers then take none of them")
    assert "Replace those that are there by this one." in two.advice[0].sentence
    assert two.advice[0].value == "v=spf1 a mx ~all"


def test_where_there_is_no_room_what_is_there_stays_and_it_is_said_what_could_go(dns_server: LoopbackDnsServer) -> None:
    includes = [f"n{number}.acme.test" for number in range(10)]
    published = f"v=spf1 include:{' include:'.join(includes)} -all"
    dns_server.add("acme.test", "TXT", f'"{published}"')
    for name in (*includes, "spf.provider.test"):
        dns_server.add(name, "TXT", '"v=spf1 -all"')
    result = check_records("acme.test", [SPF])
    assert (result.verdicts[0].status, result.verdicts[0].replacement) == ("DIFFERENT", published)
    advice = result.facts.advice[0]
    assert advice.sentence.startswith("Leave the SPF record of acme.test as it is for now.")
    assert "would need 11 DNS lookups of 10" in advice.sentence
    assert "take out what does not send for acme.test any more, of include:n0.acme.test, " in advice.sentence
    assert advice.value == ""


def test_a_provider_whose_record_is_not_there_spoils_nobodys(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", '"v=spf1 mx -all"')
    result = check_records("acme.test", [SPF])
    assert result.verdicts[0].replacement == "v=spf1 mx -all"
    assert result.facts.advice[0].sentence == (
        "Leave the SPF record of acme.test as it is for now, and ask the platform about the one to publish. "
        "“include:spf.provider.test” in the SPF record of acme.test leads to no SPF record."
    )


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("v=DMARC1; p=reject; sp=none", "“none”, taken from _dmarc.acme.test"),
        ("v=DMARC1; p=quarantine", "“quarantine”, taken from _dmarc.acme.test"),
    ],
)
def test_the_policy_of_the_organisational_domain_counts_below_it(
    policy: str, says: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("_dmarc.acme.test", "TXT", f'"{policy}"')
    assert says in facts(domain="mail.acme.test").dmarc_says


def test_dns_that_fails_is_said_to_fail(dns_server: LoopbackDnsServer) -> None:
    for name in ("acme.test", "_dmarc.acme.test"):
        dns_server.answer(name, "SERVFAIL")
    failed = facts()
    assert failed.spf_says == "The SPF record of acme.test could not be looked up."
    assert (failed.dmarc_says, failed.advice) == ("The DMARC policy could not be looked up.", ())


BY_DKIM, BY_BOTH, BY_SPF = (
    "will be accepted as genuine: it is aligned with DKIM (d=acme.test), so DMARC passes.",
    "will be accepted as genuine: it is aligned with DKIM (d=acme.test) and with SPF (return path em.acme.test).",
    "will be accepted as genuine: it is aligned with SPF (return path acme.test).",
)
BY_NOTHING = "may not be accepted as genuine: it is aligned neither with DKIM nor with SPF, so DMARC does not pass."


@pytest.mark.parametrize(
    ("records", "policy", "says"),
    [
        ((KEY, RETURN_PATH), "", BY_BOTH),
        ((KEY, RETURN_PATH), "v=DMARC1; p=none; aspf=s", BY_DKIM),
        ((RETURN_PATH,), "v=DMARC1; p=none; aspf=s", BY_NOTHING),
        ((SPF,), "", BY_SPF),
    ],
)
def test_alignment_is_one_sentence(
    records: tuple[Record, ...], policy: str, says: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("u1.provider.test", "TXT", '"v=spf1 -all"')
    if policy:
        dns_server.add("_dmarc.acme.test", "TXT", f'"{policy}"')
    assert facts(*records).alignment == f"With these records, mail from acme.test {says}"


def test_an_alias_that_leads_to_nothing_is_named(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("em.acme.test", "CNAME", "u1.provider.test.")
    sentence = "em.acme.test is an alias of u1.provider.test, which leads to nothing. Ask the platform about it."
    assert sentence in [one.sentence for one in facts(RETURN_PATH).advice]
    dns_server.add("u1.provider.test", "A", "192.0.2.1")
    assert sentence not in [one.sentence for one in facts(RETURN_PATH).advice]


def test_an_alias_of_a_key_that_leads_to_nothing_is_named(dns_server: LoopbackDnsServer) -> None:
    record = Record("CNAME", "k1._domainkey.acme.test", "k1.provider.test")
    sentence = f"{record.name} is an alias of {record.value}, which leads to nothing. Ask the platform about it."
    assert sentence not in [one.sentence for one in facts(record).advice]
    dns_server.add(record.name, "CNAME", f"{record.value}.")
    assert sentence in [one.sentence for one in facts(record).advice]


def test_an_alias_without_spf_is_no_return_path() -> None:
    assert "can be aligned with SPF" in facts(RETURN_PATH).alignment


@pytest.mark.parametrize("term", [r"include:\010<b>.test", r"x=\010", r"exp=a\009b.test", "mx", "mx/24//64"])
def test_what_others_wrote_is_fit_for_a_page(term: str, dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", f'"v=spf1 {term} -all"')
    dns_server.add("acme.test", "MX", *(f"{number} mx{number}.acme.test." for number in range(40)))
    result = check_records("acme.test", [SPF])
    advice = [text for one in result.facts.advice for text in (one.sentence, one.value)]
    shown = (*result.facts.spf, *result.facts.mx, *advice, result.facts.spf_says, result.verdicts[0].replacement)
    assert all(text.isprintable() for text in (*shown, result.verdicts[0].published))
    assert len(result.facts.mx) == 12
