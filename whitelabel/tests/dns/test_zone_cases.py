"""What is said of a record to publish, for many zones: each is served by a real name server of acme.test."""

from dataclasses import dataclass

import pytest

from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns import resolver
from whitelabel.dns.check import check_records
from whitelabel.dns.record import Record

KEY = Record("TXT", "k1._domainkey.acme.test", "v=DKIM1; k=rsa; p=abcdef")
KEY_ALIAS = Record("CNAME", "k2._domainkey.acme.test", "k2.dkim.test")
RETURN_PATH = Record("CNAME", "em.acme.test", "u1.provider.test")
PROOF = Record("TXT", "proof.acme.test", "r4nd0m")
CODE = Record("TXT", "acme.test", "provider-code:123")
MX = Record("MX", "send.acme.test", "10 feedback.provider.test")
SPF = Record("TXT", "acme.test", "v=spf1 include:spf.provider.test ~all")
DMARC = Record("TXT", "_dmarc.acme.test", "v=DMARC1; p=none")
LONG = " ".join(['"' + "x" * 250 + '"'] * 9)
ENDLESS = '"v=spf1 "' + ' "mx ip4:192.0.2.1 "' * 900
PROVIDER = '\nspf.provider.test. TXT "v=spf1 ip4:192.0.2.0/24 -all"'


@dataclass(frozen=True)
class Case:
    """`zone` has a line for each record: name below acme.test, type, values; "!" instead of a type is a bad answer."""

    name: str
    record: Record
    zone: str
    status: str
    published: str | None = None


CASES = [
    # TXT
    Case("the proof is there", PROOF, 'proof TXT "r4nd0m"', "OK", "r4nd0m"),
    Case("the proof is not there", PROOF, "", "MISSING", ""),
    Case("the name has records of another type only", PROOF, "proof A 192.0.2.1", "MISSING", ""),
    Case("a wrong proof is shown", PROOF, 'proof TXT "other"', "DIFFERENT", "other"),
    Case("the proof beside another value", PROOF, 'proof TXT "old"\nproof TXT "r4nd0m"', "OK"),
    Case("another blank between words is the same", CODE, '@ TXT "provider-code:123 "', "OK"),
    Case("values for other purposes do not make it different", CODE, '@ TXT "google-site-verification=1"', "MISSING"),
    Case("another code of the same provider does", CODE, '@ TXT "provider-code:9"', "DIFFERENT", "provider-code:9"),
    Case("letters of a TXT value count", PROOF, 'proof TXT "R4ND0M"', "DIFFERENT"),
    Case("control characters are not shown", PROOF, r'proof TXT "a\010b"', "DIFFERENT", "a\ufffdb"),
    # DKIM keys
    Case("a key split into strings is one key", KEY, 'k1._domainkey TXT "v=DKIM1; k=rsa; p=abc" "def"', "OK"),
    Case("a key is the same in another order", KEY, 'k1._domainkey TXT "v=DKIM1; p=abcdef; k=rsa"', "OK"),
    Case("a key is the same without what goes without saying", KEY, 'k1._domainkey TXT "p=abcdef"', "OK"),
    Case("blanks in a key are no matter", KEY, 'k1._domainkey TXT "v=DKIM1;k=rsa;p=abc def;"', "OK"),
    Case("flags and notes do not change a key", KEY, 'k1._domainkey TXT "v=DKIM1; t=s; n=note; p=abcdef"', "OK"),
    Case("letters of a key count", KEY, 'k1._domainkey TXT "v=DKIM1; p=ABCDEF"', "DIFFERENT"),
    Case("a key of another kind is another one", KEY, 'k1._domainkey TXT "v=DKIM1; k=ed25519; p=abcdef"', "DIFFERENT"),
    Case("another key without a version", KEY, 'k1._domainkey TXT "k=rsa; p=other"', "DIFFERENT"),
    Case("a key that was withdrawn", KEY, 'k1._domainkey TXT "v=DKIM1; p="', "DIFFERENT", "v=DKIM1; p="),
    Case("two keys at one name", KEY, 'k1._domainkey TXT "p=abcdef"\nk1._domainkey TXT "p=other"', "DIFFERENT"),
    Case("a key behind an alias", KEY, 'k1._domainkey CNAME k1.dkim.test.\nk1.dkim.test. TXT "p=abcdef"', "OK"),
    Case(
        *("an alias that leads to nothing", KEY, "k1._domainkey CNAME gone.provider.test.", "DIFFERENT"),
        "an alias of gone.provider.test, which leads to nothing.",
    ),
    Case("aliases in a circle", KEY, "k1._domainkey CNAME a.acme.test.\na CNAME k1._domainkey.acme.test.", "DIFFERENT"),
    Case("an alias whose target fails", KEY, "k1._domainkey CNAME x.dkim.test.\nx.dkim.test. ! SERVFAIL", "UNKNOWN"),
    Case("an alias of the root of all names", KEY, "k1._domainkey CNAME .", "DIFFERENT"),
    # Aliases
    Case("an alias in other letters, with the final dot", KEY_ALIAS, "k2._domainkey CNAME K2.DKIM.test.", "OK"),
    Case("an alias of something else", RETURN_PATH, "em CNAME u2.provider.test.", "DIFFERENT", "u2.provider.test"),
    Case("an alias with the domain behind it", RETURN_PATH, "em CNAME u1.provider.test.acme.test.", "DIFFERENT"),
    Case("an alias at the name with the domain twice", RETURN_PATH, "em.acme.test CNAME u1.provider.test.", "MISSING"),
    Case(
        *("an alias that the DNS host proxies", RETURN_PATH, "em A 104.21.0.7", "DIFFERENT"),
        "104.21.0.7 instead of an alias. Switch off proxying for this name (at Cloudflare: DNS only).",
    ),
    Case(
        *("a key that the DNS host copies instead of an alias", KEY_ALIAS),
        *('k2._domainkey TXT "p=k2"\nk2.dkim.test. TXT "v=DKIM1; p=k2"', "OK"),
    ),
    Case("an old copy of a key", KEY_ALIAS, 'k2._domainkey TXT "p=old"\nk2.dkim.test. TXT "p=new"', "DIFFERENT"),
    # MX
    Case("a mail exchanger", MX, "send MX 10 Feedback.Provider.test.", "OK", "10 feedback.provider.test"),
    Case("a mail exchanger with another priority", MX, "send MX 20 feedback.provider.test.", "DIFFERENT"),
    Case("a mail exchanger beside another", MX, "send MX 5 mx.acme.test.\nsend MX 10 feedback.provider.test.", "OK"),
    Case("no mail is taken here", MX, "send MX 0 .", "DIFFERENT", "0 ."),
    # SPF
    Case("the SPF record as asked for", SPF, '@ TXT "v=spf1 include:spf.provider.test ~all"' + PROVIDER, "OK"),
    Case("no SPF record among other values", SPF, '@ TXT "v=spf10 all"', "MISSING"),
    Case("an SPF record without the provider", SPF, '@ TXT "v=spf1 ip4:192.0.2.1 -all"' + PROVIDER, "DIFFERENT"),
    Case("the provider in capitals", SPF, '@ TXT "V=SPF1 mx INCLUDE:SPF.provider.test -all"' + PROVIDER, "OK"),
    Case("the provider behind the end", SPF, '@ TXT "v=spf1 -all include:spf.provider.test"' + PROVIDER, "DIFFERENT"),
    Case("the provider not allowed", SPF, '@ TXT "v=spf1 ~include:spf.provider.test -all"' + PROVIDER, "DIFFERENT"),
    Case(
        *("the provider by way of a redirect", SPF),
        *('@ TXT "v=spf1 redirect=_spf.acme.test"\n_spf TXT "v=spf1 include:spf.provider.test -all"' + PROVIDER, "OK"),
    ),
    Case(
        *("the provider by way of another include", SPF),
        *('@ TXT "v=spf1 include:x.acme.test -all"\nx TXT "v=spf1 include:spf.provider.test -all"' + PROVIDER, "OK"),
    ),
    Case(
        *("two SPF records", SPF),
        *('@ TXT "v=spf1 include:spf.provider.test ~all"\n@ TXT "v=spf1 mx ~all"' + PROVIDER, "DIFFERENT"),
        "v=spf1 include:spf.provider.test ~all\nv=spf1 mx ~all",
    ),
    Case("an invalid SPF record", SPF, '@ TXT "v=spf1 ip4:1 include:spf.provider.test ~all"', "DIFFERENT"),
    Case(
        *("an SPF record that includes itself", SPF),
        *('@ TXT "v=spf1 include:acme.test include:spf.provider.test ~all"' + PROVIDER, "DIFFERENT"),
    ),
    Case("an SPF record with macros, no provider", SPF, '@ TXT "v=spf1 include:%{i}.spf.acme.test ~all"', "UNKNOWN"),
    Case("an SPF record whose include fails", SPF, '@ TXT "v=spf1 include:x.acme.test ~all"\nx ! SERVFAIL', "UNKNOWN"),
    Case("an SPF record without an end", SPF, f"@ TXT {ENDLESS}", "DIFFERENT"),
    # DMARC
    Case("a stricter policy is respected", DMARC, '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@acme.test"', "OK"),
    Case("a policy that says nothing", DMARC, '_dmarc TXT "v=DMARC1"', "DIFFERENT"),
    Case("two policies", DMARC, '_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"', "DIFFERENT"),
    # DNS that fails
    Case("an answer too long for UDP", PROOF, f"proof TXT {LONG}" + '\nproof TXT "r4nd0m"', "OK"),
    Case("an answer that is cut short", PROOF, 'proof TXT "r4nd0m"\nproof ! cut', "OK"),
    Case("an answer that is cut short for good", PROOF, 'proof TXT "r4nd0m"\nproof ! cut off', "UNKNOWN"),
    Case("an answer that drips", PROOF, 'proof TXT "r4nd0m"\nproof ! drip', "UNKNOWN"),
    Case("a server that fails", PROOF, "proof ! SERVFAIL", "UNKNOWN", "ns1.acme.test answered SERVFAIL."),
    Case("a server that refuses", PROOF, "proof ! REFUSED", "UNKNOWN"),
    Case("a server that hangs", PROOF, "proof ! hang", "UNKNOWN"),
    Case("a server that knows nothing of the zone", PROOF, "proof ! lame", "UNKNOWN"),
    Case("a server that answers nonsense", PROOF, "proof ! garbage", "UNKNOWN"),
    Case("a server that answers another question", PROOF, "proof ! strange", "UNKNOWN"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "QUERY_SECONDS", 0.2)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_zone_is_judged(case: Case, dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]) -> None:
    for server in (dns_server, *name_servers):
        serve(server, case.zone)
    (verdict,) = check_records("acme.test", [case.record]).verdicts
    assert verdict.status == case.status
    assert case.published in (None, verdict.published)


def serve(server: LoopbackDnsServer, zone: str) -> None:
    """Publish a zone; a name with a final dot is not below acme.test."""
    for line in zone.splitlines():
        owner, kind, values = line.split(" ", 2)
        name = "acme.test" if owner == "@" else owner if owner.endswith(".") else f"{owner}.acme.test"
        if kind == "!":
            server.answer(name, values)
        else:
            server.add(name, kind, values)
