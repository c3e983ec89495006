"""What is said of a record to publish, for many zones: each is served by a real name server of acme.test."""

from dataclasses import dataclass

import pytest

from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns import resolver
from whitelabel.dns.check import check_records
from whitelabel.dns.record import Record
from whitelabel.tests.dns.dkim_keys import rsa_key

KEY = Record("TXT", "k1._domainkey.acme.test", "v=DKIM1; k=rsa; p=abcdef")
K2 = f"p={rsa_key().public}"
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
    Case("an empty tag between two", KEY, 'k1._domainkey TXT "v=DKIM1;; p=abcdef"', "DIFFERENT", "v=DKIM1;; p=abcdef"),
    Case("a key behind its type", KEY, 'k1._domainkey TXT "TXT v=DKIM1; k=rsa; p=abcdef"', "DIFFERENT"),
    Case("a key behind a label", KEY, 'k1._domainkey TXT "Value: v=DKIM1; k=rsa; p=abcdef"', "DIFFERENT"),
    Case("a key with one literal quote", KEY, r'k1._domainkey TXT "\"v=DKIM1; k=rsa; p=abcdef"', "DIFFERENT"),
    Case("a key between literal quotes", KEY, r'k1._domainkey TXT "\"v=DKIM1; k=rsa; p=abcdef\""', "DIFFERENT"),
    Case("a key with backslashes", KEY, r'k1._domainkey TXT "v=DKIM1\\; k=rsa\\; p=abcdef"', "DIFFERENT"),
    Case("a tag in capitals", KEY, 'k1._domainkey TXT "v=DKIM1; k=rsa; P=abcdef"', "DIFFERENT"),
    Case("a version in small letters", KEY, 'k1._domainkey TXT "v=dkim1; k=rsa; p=abcdef"', "DIFFERENT"),
    Case("a version that is not first", KEY, 'k1._domainkey TXT "k=rsa; v=DKIM1; p=abcdef"', "DIFFERENT"),
    Case("a tag that is there twice", KEY, 'k1._domainkey TXT "v=DKIM1; p=abcdef; p=abcdef"', "DIFFERENT"),
    Case("a tag that nobody knows", KEY, 'k1._domainkey TXT "v=DKIM1; x_1=y; p=abcdef"', "OK"),
    Case("a key for hashes that include ours", KEY, 'k1._domainkey TXT "v=DKIM1; h=sha1:sha256; p=abcdef"', "OK"),
    Case("a key for another hash", KEY, 'k1._domainkey TXT "v=DKIM1; h=sha1; p=abcdef"', "DIFFERENT"),
    Case("a key for mail by name", KEY, 'k1._domainkey TXT "v=DKIM1; s=email; p=abcdef"', "OK"),
    Case("a key for another service", KEY, 'k1._domainkey TXT "v=DKIM1; s=tlsrpt; p=abcdef"', "DIFFERENT"),
    Case(
        *("a key beside a broken copy", KEY),
        *('k1._domainkey TXT "p=abcdef"\nk1._domainkey TXT "v=DKIM1;;p=abcdef"', "DIFFERENT"),
    ),
    # Aliases
    Case(
        *("an alias in other letters, with the final dot", KEY_ALIAS),
        *(f'k2._domainkey CNAME K2.DKIM.test.\nk2.dkim.test. TXT "{K2}"', "OK", "an alias of k2.dkim.test"),
    ),
    Case(
        *("an alias whose target is not there", KEY_ALIAS, "k2._domainkey CNAME k2.dkim.test.", "MISSING"),
        "an alias of k2.dkim.test, which leads to nothing.",
    ),
    Case(
        *("an alias whose target has no key", KEY_ALIAS),
        *("k2._domainkey CNAME k2.dkim.test.\nk2.dkim.test. A 192.0.2.1", "MISSING"),
    ),
    Case(
        *("an alias whose key was revoked", KEY_ALIAS),
        *('k2._domainkey CNAME k2.dkim.test.\nk2.dkim.test. TXT "v=DKIM1; p="', "DIFFERENT"),
        "an alias of k2.dkim.test. The key was revoked: p= is empty.",
    ),
    Case(
        *("an alias whose key is broken", KEY_ALIAS),
        *('k2._domainkey CNAME k2.dkim.test.\nk2.dkim.test. TXT "v=DKIM1;; p=abcd"', "DIFFERENT"),
        "an alias of k2.dkim.test. It is no DKIM key record.",
    ),
    Case(
        *("an alias whose target fails", KEY_ALIAS, "k2._domainkey CNAME k2.dkim.test.\nk2.dkim.test. ! SERVFAIL"),
        *("UNKNOWN", "The resolver answered SERVFAIL."),
    ),
    Case(
        *("own aliases that lead to the target", KEY_ALIAS),
        f'k2._domainkey CNAME k2.keys.acme.test.\nk2.keys CNAME k2.dkim.test.\nk2.dkim.test. TXT "{K2}"',
        *("OK", "an alias of k2.keys.acme.test → k2.dkim.test"),
    ),
    Case(
        *("own aliases that lead to a copy of the key", KEY_ALIAS),
        *(f'k2._domainkey CNAME k2.keys.acme.test.\nk2.keys TXT "k=rsa; {K2}"\nk2.dkim.test. TXT "{K2}"', "OK"),
    ),
    Case(
        *("own aliases that lead to another key", KEY_ALIAS),
        f'k2._domainkey CNAME k2.keys.acme.test.\nk2.keys TXT "p=abcd"\nk2.dkim.test. TXT "{K2}"',
        *("DIFFERENT", "an alias of k2.keys.acme.test"),
    ),
    Case(
        *("own aliases in a circle", KEY_ALIAS, "k2._domainkey CNAME a.acme.test.\na CNAME k2._domainkey.acme.test."),
        "DIFFERENT",
        "an alias of a.acme.test → k2._domainkey.acme.test, which leads to nothing. The alias leads in circles.",
    ),
    Case(
        *("a key that the DNS host proxies instead of an alias", KEY_ALIAS, "k2._domainkey A 104.21.0.7", "DIFFERENT"),
        "104.21.0.7 instead of an alias. Switch off proxying for this name (at Cloudflare: DNS only).",
    ),
    Case(
        *("own aliases that lead to the return path", RETURN_PATH),
        *("em CNAME b.acme.test.\nb CNAME u1.provider.test.\nu1.provider.test. A 192.0.2.1", "OK", "b.acme.test"),
    ),
    Case("a return path that leads to nothing", RETURN_PATH, "em CNAME u1.provider.test.", "OK", "u1.provider.test"),
    Case("an alias of something else", RETURN_PATH, "em CNAME u2.provider.test.", "DIFFERENT", "u2.provider.test"),
    Case("an alias with the domain behind it", RETURN_PATH, "em CNAME u1.provider.test.acme.test.", "DIFFERENT"),
    Case("an alias at the name with the domain twice", RETURN_PATH, "em.acme.test CNAME u1.provider.test.", "MISSING"),
    Case(
        *("an alias that the DNS host proxies", RETURN_PATH, "em A 104.21.0.7", "DIFFERENT"),
        "104.21.0.7 instead of an alias. Switch off proxying for this name (at Cloudflare: DNS only).",
    ),
    Case(
        *("a key that the DNS host copies instead of an alias", KEY_ALIAS),
        *(f'k2._domainkey TXT "{K2}"\nk2.dkim.test. TXT "v=DKIM1; {K2}"', "OK"),
    ),
    Case("an old copy of a key", KEY_ALIAS, 'k2._domainkey TXT "p=old"\nk2.dkim.test. TXT "p=new"', "DIFFERENT"),
    # MX
    Case("a mail exchanger", MX, "send MX 10 Feedback.Provider.test.", "OK", "10 feedback.provider.test"),
    Case("a mail exchanger with another priority", MX, "send MX 20 feedback.provider.test.", "OK"),
    Case(
        *("another mail exchanger with the same priority", MX),
        *("send MX 10 mx.acme.test.", "DIFFERENT", "10 mx.acme.test"),
    ),
    Case("a mail exchanger beside another", MX, "send MX 5 mx.acme.test.\nsend MX 10 feedback.provider.test.", "OK"),
    Case("no mail is taken here", MX, "send MX 0 .", "DIFFERENT", "0 ."),
    # SPF
    Case("the SPF record as asked for", SPF, '@ TXT "v=spf1 include:spf.provider.test ~all"' + PROVIDER, "OK"),
    Case(
        *("an SPF record between literal quotes", SPF, r'@ TXT "\"v=spf1 mx -all\""' + PROVIDER, "DIFFERENT"),
        '"v=spf1 mx -all"',
    ),
    Case("an SPF record with a semicolon", SPF, '@ TXT "v=spf1; mx; -all"' + PROVIDER, "DIFFERENT", "v=spf1; mx; -all"),
    Case("the provider by redirect", SPF, '@ TXT "v=spf1 redirect=spf.provider.test"' + PROVIDER, "OK"),
    Case("a redirect behind an end", SPF, '@ TXT "v=spf1 -all redirect=spf.provider.test"' + PROVIDER, "DIFFERENT"),
    Case(
        *("two redirects", SPF),
        *('@ TXT "v=spf1 redirect=spf.provider.test redirect=x.acme.test"' + PROVIDER, "DIFFERENT"),
    ),
    Case(
        *("a failing include before the provider", SPF),
        *('@ TXT "v=spf1 include:x.acme.test include:spf.provider.test"\nx ! SERVFAIL' + PROVIDER, "UNKNOWN"),
    ),
    Case(
        *("a failing include behind the provider", SPF),
        *('@ TXT "v=spf1 include:spf.provider.test include:x.acme.test"\nx ! SERVFAIL' + PROVIDER, "OK"),
    ),
    Case(
        *("a provider whose own record fails", SPF),
        *('@ TXT "v=spf1 include:spf.provider.test ~all"\nspf.provider.test. ! SERVFAIL', "UNKNOWN"),
    ),
    Case("a provider without a record", SPF, '@ TXT "v=spf1 include:spf.provider.test ~all"', "DIFFERENT"),
    Case(
        *("a provider by a macro that says the domain", SPF),
        *('@ TXT "v=spf1 include:spf.%{d1r}vider.test ~all"', "DIFFERENT"),
    ),
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
    Case(
        *("a policy and a broken one", DMARC),
        *('_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=rejct"', "DIFFERENT"),
    ),
    Case("a policy with junk behind it", DMARC, '_dmarc TXT "v=DMARC1; p=reject; foo; adkim=x; pct=a;;"', "OK"),
    Case("a policy whose version is in small letters", DMARC, '_dmarc TXT "v=dmarc1; p=reject"', "DIFFERENT"),
    Case(
        *("a policy between literal quotes", DMARC),
        *(r'_dmarc TXT "\"v=DMARC1; p=reject\""', "DIFFERENT", '"v=DMARC1; p=reject"'),
    ),
    Case(
        *("a policy without p and with a reporting address", DMARC),
        *('_dmarc TXT "v=DMARC1; rua=mailto:d@acme.test"', "OK"),
    ),
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
