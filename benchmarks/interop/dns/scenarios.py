"""The scenarios: every type of record, and every way in which servers answer or fail to.

What should be said follows from the RFCs that the sections name; a server that cannot be asked counts against nobody.
"""

from collections.abc import Sequence

from benchmarks.interop.dns.internet import Fault, Security
from benchmarks.interop.dns.scenario import Below, Scenario

OK, MISSING, DIFFERENT, UNKNOWN = "OK", "MISSING", "DIFFERENT", "UNKNOWN"
NOT_OK = f"{MISSING}|{DIFFERENT}"

PROOF = ("TXT", "_backoffice-challenge", "r4nd0m-pr00f-of-this-white-label-and-d0main")
PROVEN = '_backoffice-challenge TXT "r4nd0m-pr00f-of-this-white-label-and-d0main"'
KEY = ("TXT", "s1._domainkey", "$key_record")
LONG_KEY = ("TXT", "s1._domainkey", "$long_record")
ALIAS = ("CNAME", "s1._domainkey", "s1.dkim.provider.example")
RETURN_PATH = ("CNAME", "bounces", "bounces.provider.example")
SPF = ("TXT", "@", "v=spf1 include:spf.provider.example ~all")
DMARC = ("TXT", "_dmarc", "v=DMARC1; p=none")
MX = ("MX", "bounces", "10 mx.provider.example")

EXPIRED = "s1.signatures-have-expired.example"

PROVIDER = Scenario("provider", PROOF, """
spf TXT "v=spf1 ip4:192.0.2.0/24 -all"
s1.dkim TXT $key_txt
S3.Dkim TXT $key_txt
alias.dkim CNAME s1.dkim
*.any.dkim TXT $key_txt
revoked.dkim TXT "v=DKIM1; k=rsa; p="
broken.dkim TXT "v=DKIM1;; " $bare_key_txt
circle.dkim CNAME circle2.dkim
circle2.dkim CNAME circle.dkim
bounces MX 10 mx
bounces TXT "v=spf1 ip4:192.0.2.0/24 -all"
mx A 192.0.2.25
failing NS lame.host.example.
""", MISSING, security=Security.SIGNED)  # fmt: skip

# Existence: RFC 1034 4.3.2, wildcards 4.3.3 and RFC 4592, empty non-terminals RFC 8020.
PROOFS = [
    Scenario("proof is there", PROOF, PROVEN, OK),
    Scenario("no such name", PROOF, "www A 192.0.2.1", MISSING),
    Scenario("name has another type only", PROOF, '_backoffice-challenge CAA 0 issue "ca.example"', MISSING),
    Scenario("name exists because of one below it", PROOF, 'deep._backoffice-challenge TXT "x"', MISSING),
    Scenario("proof in capital letters is another one", PROOF, PROVEN.replace("r4nd", "R4ND"), NOT_OK),
    Scenario("proof of somebody else", PROOF, f"_backoffice-challenge TXT {'z' * 43}", MISSING),
    Scenario("proof beside that of somebody else", PROOF, f"{PROVEN}\n_backoffice-challenge TXT {'z' * 43}", OK),
    Scenario("proof with quotes in the value", PROOF, PROVEN.replace('"', r'"\"', 1)[:-1] + r'\""', DIFFERENT,
             PROOF[2]),
    Scenario("wildcard of something else in place of the proof", PROOF, '* TXT "v=spf1 -all"', NOT_OK),
    Scenario("proof in two strings", PROOF, PROVEN.replace("pr00f", 'pr" "00f'), OK),
    Scenario("name written in other letters", PROOF, PROVEN.replace("_backoffice", "_BackOffice"), OK),
    Scenario("wildcard carries the proof", PROOF, PROVEN.replace("_backoffice-challenge", "*"), OK),
    Scenario("wildcard stops at a name that exists", PROOF, f"{PROVEN.replace('_backoffice-challenge', '*')}\n"
             '_backoffice-challenge CAA 0 issue "ca.example"', MISSING),
    Scenario("wildcard for web pages", PROOF, "* A 192.0.2.1", MISSING),
    Scenario("answer too long for UDP", PROOF, PROVEN + "".join(
        f'\n_backoffice-challenge TXT "another-code={number}{"x" * 230}"' for number in range(9)), OK),
    Scenario("answer too long for UDP without the proof", PROOF, "".join(
        f'_backoffice-challenge TXT "another-code={number}{"x" * 230}"\n' for number in range(9)), NOT_OK),
]  # fmt: skip

# DKIM: RFC 6376 3.6; DNAME: RFC 6672.
KEYS = [
    Scenario("key in several strings", KEY, "s1._domainkey TXT $key_txt", OK),
    Scenario("key of 4096 bits in several strings", LONG_KEY, "s1._domainkey TXT $long_txt", OK),
    Scenario("no key", KEY, "www A 192.0.2.1", MISSING),
    Scenario("another key", KEY, "s1._domainkey TXT $other_txt", DIFFERENT),
    Scenario("key cut off after its first string", LONG_KEY, "s1._domainkey TXT $cut_txt", DIFFERENT),
    Scenario("key with a doubled semicolon", KEY, 's1._domainkey TXT "v=DKIM1;; " $bare_key_txt', DIFFERENT),
    Scenario("key with quotes in the value", KEY, r's1._domainkey TXT "\"v=DKIM1; " $bare_key_txt "\""', DIFFERENT),
    Scenario("two keys at one name", KEY, "s1._domainkey TXT $key_txt\ns1._domainkey TXT $other_txt", DIFFERENT),
    Scenario("wildcard alias in place of the key", KEY, "* CNAME www.provider.example.", NOT_OK),
    Scenario("key behind an own alias", KEY, "s1._domainkey CNAME k\nk TXT $key_txt", OK),
    Scenario("key at the provider", KEY, "s1._domainkey CNAME s1.dkim.provider.example.", OK),
    Scenario("key under a DNAME", KEY, "_domainkey DNAME dkim.provider.example.", OK),
    Scenario("another key under a DNAME", KEY, "_domainkey DNAME keys\ns1.keys TXT $other_txt", DIFFERENT),
    Scenario("nothing under a DNAME", KEY, "_domainkey DNAME keys", NOT_OK),
    Scenario("alias for a key", ALIAS, "s1._domainkey CNAME s1.dkim.provider.example.", OK),
    Scenario("alias in other letters", ALIAS, "S1._DomainKey CNAME S1.Dkim.PROVIDER.example.", OK),
    Scenario("alias by way of an own alias", ALIAS, "s1._domainkey CNAME k\nk CNAME s1.dkim.provider.example.", OK),
    Scenario("alias to an alias of the provider", ALIAS, "s1._domainkey CNAME alias.dkim.provider.example.", OK),
    Scenario("alias by way of a DNAME", ALIAS, "_domainkey DNAME dkim.provider.example.", OK),
    Scenario("alias by way of an own DNAME", ALIAS, "_domainkey DNAME keys\ns1.keys CNAME "
             "s1.dkim.provider.example.", OK),
    Scenario("alias whose target is not there", ("CNAME", "s1._domainkey", "gone.dkim.provider.example"),
             "s1._domainkey CNAME gone.dkim.provider.example.", NOT_OK),
    Scenario("alias whose key is withdrawn", ("CNAME", "s1._domainkey", "revoked.dkim.provider.example"),
             "s1._domainkey CNAME revoked.dkim.provider.example.", NOT_OK),
    Scenario("alias whose key is broken", ("CNAME", "s1._domainkey", "broken.dkim.provider.example"),
             "s1._domainkey CNAME broken.dkim.provider.example.", NOT_OK),
    Scenario("alias to a name below a signed wildcard", ("CNAME", "s1._domainkey", "x7.any.dkim.provider.example"),
             "s1._domainkey CNAME x7.any.dkim.provider.example.", OK),
    Scenario("alias whose target fails", ("CNAME", "s1._domainkey", "s1.failing.provider.example"),
             "s1._domainkey CNAME s1.failing.provider.example.", UNKNOWN),
    Scenario("alias whose target no validating resolver shows", ("CNAME", "s1._domainkey", EXPIRED),
             f"s1._domainkey CNAME {EXPIRED}.", UNKNOWN),
    Scenario("alias to another key", ALIAS, "s1._domainkey CNAME o\no TXT $other_txt", DIFFERENT),
    Scenario("copy of the key in place of the alias", ALIAS, "s1._domainkey TXT $key_txt", OK),
    Scenario("old copy of the key in place of the alias", ALIAS, "s1._domainkey TXT $other_txt", DIFFERENT),
    Scenario("no alias", ALIAS, "www A 192.0.2.1", MISSING),
    # PowerDNS fails at circles itself (SERVFAIL and no more), as resolvers do
    Scenario("aliases in a circle", KEY, "s1._domainkey CNAME a\na CNAME s1._domainkey", f"{DIFFERENT}|{UNKNOWN}"),
    Scenario("alias of itself", KEY, "s1._domainkey CNAME s1._domainkey", f"{DIFFERENT}|{UNKNOWN}"),
    Scenario("circle for an alias", ALIAS, "s1._domainkey CNAME a\na CNAME s1._domainkey", f"{DIFFERENT}|{UNKNOWN}"),
    Scenario("circle at the provider", KEY, "s1._domainkey CNAME circle.dkim.provider.example.", f"{NOT_OK}|{UNKNOWN}"),
    Scenario("alias over too many others", KEY, "s1._domainkey CNAME a0\n" + "".join(
        f"a{number} CNAME a{number + 1}\n" for number in range(12)) + "a12 TXT $key_txt", f"{NOT_OK}|{UNKNOWN}"),
]  # fmt: skip

# Aliases for a return path, and MX: RFC 1035 3.3.9, 5.1; null MX: RFC 7505.
HOSTS = [
    Scenario("return path", RETURN_PATH, "bounces CNAME bounces.provider.example.", OK),
    Scenario("return path with the domain behind it", RETURN_PATH, "bounces CNAME bounces.provider.example", DIFFERENT),
    Scenario("return path that is proxied", RETURN_PATH, "bounces A 104.21.0.7", DIFFERENT, "proxying"),
    Scenario("no return path", RETURN_PATH, "www A 192.0.2.1", MISSING),
    Scenario("wildcard alias is the return path", RETURN_PATH, "* CNAME bounces.provider.example.", OK),
    Scenario("mail server", MX, "bounces MX 10 mx.provider.example.", OK),
    Scenario("mail server in other letters", MX, "Bounces MX 10 MX.Provider.Example.", OK),
    Scenario("mail server beside another one", MX, "bounces MX 10 mx.provider.example.\nbounces MX 20 x", OK),
    Scenario("no mail server", MX, "bounces A 192.0.2.1", MISSING),
    Scenario("another mail server", MX, "bounces MX 10 mx.office.example.", DIFFERENT, "10 mx.office.example"),
    Scenario("no mail wanted", MX, "bounces MX 0 .", DIFFERENT),
    Scenario("mail servers of the domain are known", PROOF, f"{PROVEN}\n@ MX 20 b\n@ MX 10 a", OK,
             facts={"mx": "10 a.$domain, 20 b.$domain"}),
]  # fmt: skip

# SPF: RFC 7208.
SPFS = [
    Scenario("SPF", SPF, '@ TXT "v=spf1 include:spf.provider.example ~all"', OK),
    Scenario("SPF in two strings", SPF, '@ TXT "v=spf1 include:spf.provi" "der.example ~all"', OK),
    Scenario("SPF in strings that lose a blank", SPF, '@ TXT "v=spf1 include:spf.provider.example" "~all"', DIFFERENT),
    Scenario("no SPF", SPF, '@ TXT "another-code=1"', MISSING),
    Scenario("SPF for another provider", SPF, '@ TXT "v=spf1 ip4:198.51.100.0/24 -all"', DIFFERENT),
    Scenario("two SPF records", SPF, '@ TXT "v=spf1 include:spf.provider.example ~all"\n@ TXT "v=spf1 -all"',
             DIFFERENT),
    Scenario("SPF by a redirect", SPF, '@ TXT "v=spf1 redirect=s.$domain"\n'
             's TXT "v=spf1 include:spf.provider.example -all"', OK),
    Scenario("SPF among so much that UDP cannot carry it", SPF,
             '@ TXT "v=spf1 include:spf.provider.example ~all"' + "".join(
                 f'\n@ TXT "another-code={number}{"x" * 230}"' for number in range(9)), OK),
    Scenario("SPF over an include that fails", SPF, '@ TXT "v=spf1 include:failing.provider.example ~all"', UNKNOWN),
    Scenario("SPF over an include that is not there", SPF, '@ TXT "v=spf1 include:gone.provider.example '
             'include:spf.provider.example ~all"', DIFFERENT),
    Scenario("SPF by a wildcard", ("TXT", "bounces", SPF[2]),
             '* TXT "v=spf1 include:spf.provider.example ~all"', OK),
]  # fmt: skip

# DMARC: RFC 9989, where the policy is found by walking up the tree; RFC 7489 asks two names only.
DMARCS = [
    Scenario("DMARC", DMARC, '_dmarc TXT "v=DMARC1; p=none"', OK, facts={"dmarc_at": "_dmarc.$domain"}),
    Scenario("DMARC with a policy of its own", DMARC, '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:a@$domain"', OK),
    Scenario("no DMARC", DMARC, "www A 192.0.2.1", MISSING, facts={"dmarc": ""}),
    Scenario("two DMARC records", DMARC, '_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"', DIFFERENT),
    Scenario("two DMARC records of which one is broken", DMARC,
             '_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=no"', DIFFERENT),
    Scenario("DMARC with junk behind the policy", DMARC, '_dmarc TXT "v=DMARC1; p=reject; nothing known"', OK),
    Scenario("wildcard of something else in place of DMARC", DMARC, '* TXT "v=spf1 -all"', NOT_OK),
    Scenario("DMARC behind an alias", DMARC, '_dmarc CNAME policy\npolicy TXT "v=DMARC1; p=quarantine"', OK),
    Scenario("DMARC of the registered domain", PROOF,
             f'{PROVEN.replace("_backoffice-challenge", "_backoffice-challenge.news")}\n'
             '_dmarc TXT "v=DMARC1; p=reject"', OK, sends="news", facts={"dmarc_at": "_dmarc.$origin"}),
    Scenario("DMARC in between", PROOF,
             f'{PROVEN.replace("_backoffice-challenge", "_backoffice-challenge.a.b")}\n'
             '_dmarc.b TXT "v=DMARC1; p=reject"', OK, sends="a.b", facts={"dmarc_at": "_dmarc.b.$origin"}),
    Scenario("DMARC in between says that it is the top", PROOF,
             f'{PROVEN.replace("_backoffice-challenge", "_backoffice-challenge.a.b")}\n'
             '_dmarc.b TXT "v=DMARC1; p=reject; psd=n"\n_dmarc TXT "v=DMARC1; p=none"', OK, sends="a.b",
             facts={"dmarc_at": "_dmarc.b.$origin"}),
    Scenario("DMARC in between and above", PROOF,
             f'{PROVEN.replace("_backoffice-challenge", "_backoffice-challenge.a.b")}\n'
             '_dmarc.b TXT "v=DMARC1; p=reject"\n_dmarc TXT "v=DMARC1; p=none"', OK, sends="a.b",
             facts={"dmarc_at": "_dmarc.$origin"}),
]  # fmt: skip

# Servers: delegation RFC 1034 4.2.2, 4.3.2; lame RFC 1912 2.8; truncation RFC 7766.
SERVERS = [
    Scenario("one server refuses", PROOF, Fault.UNKNOWN_ZONE, OK, second=PROVEN),
    Scenario("one server refuses and the proof is not there", PROOF, Fault.UNKNOWN_ZONE, MISSING,
             second="w A 192.0.2.1"),
    Scenario("both servers refuse", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN),
    Scenario("one server cannot read the zone", PROOF, PROVEN, OK, second=Fault.UNREADABLE),
    Scenario("no server can read the zone", PROOF, Fault.UNREADABLE, UNKNOWN),
    Scenario("one server is silent", PROOF, PROVEN, OK, servers=("dead", "ns1")),
    Scenario("two of three servers are silent", PROOF, PROVEN, OK, servers=("dead", "dead2", "ns2")),
    Scenario("one server is closed", PROOF, PROVEN, OK, servers=("closed", "ns1")),
    Scenario("all servers are silent", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN, servers=("dead",)),
    Scenario("all servers are closed", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN, servers=("closed",)),
    # unbound says "no NS records" where it asks the server that refers to itself: then nothing can be known
    Scenario("one server refers to itself", PROOF, Fault.UNKNOWN_ZONE, f"{OK}|{UNKNOWN}", second=PROVEN,
             servers=("mirror", "ns2")),
    Scenario("one server refers upwards", PROOF, Fault.UNKNOWN_ZONE, OK, second=PROVEN, servers=("apex", "ns2")),
    Scenario("the good server comes before one that refers to itself", PROOF, PROVEN, f"{OK}|{UNKNOWN}",
             servers=("ns1", "twin")),
    Scenario("one server is that of the zone above", PROOF, Fault.UNKNOWN_ZONE, f"{OK}|{UNKNOWN}", second=PROVEN,
             servers=("tld", "ns2")),
    Scenario("the only server is that of the zone above", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN, servers=("tld",)),
    Scenario("all servers refer to themselves", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN, servers=("mirror",)),
    Scenario("all servers refer upwards", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN, servers=("root",)),
    Scenario("one server is named by an alias", PROOF, PROVEN, OK, servers=("nick", "ns2")),
    Scenario("servers have no address", PROOF, Fault.UNKNOWN_ZONE, UNKNOWN, servers=("nowhere",)),
    Scenario("servers that may not be asked", PROOF, PROVEN, OK, servers=("inside",)),
    Scenario("servers that only IPv6 reaches", PROOF, PROVEN, OK, servers=("six",)),
    Scenario("servers disagree about the proof", PROOF, PROVEN, UNKNOWN, "do not say the same", second="w A 192.0.2.1"),
    Scenario("servers disagree about the key", KEY, "s1._domainkey TXT $key_txt", UNKNOWN, "do not say the same",
             second="s1._domainkey TXT $other_txt"),
    Scenario("servers disagree about SPF", SPF, '@ TXT "v=spf1 include:spf.provider.example ~all"', UNKNOWN,
             "do not say the same", second='@ TXT "v=spf1 -all"'),
    Scenario("servers agree in another order", PROOF, f'{PROVEN}\n_backoffice-challenge TXT "a=1"', OK,
             second=f'_backoffice-challenge TXT "a=1"\n{PROVEN}'),
    Scenario("servers disagree about something else", PROOF, PROVEN, OK, second=f'{PROVEN}\nwww A 192.0.2.1'),
    Scenario("zone below on its own server", ("TXT", "_backoffice-challenge.news", PROOF[2]), "www A 192.0.2.1", OK,
             servers=("ns1",), second=Fault.UNKNOWN_ZONE,
             below={"news": Below(Fault.UNKNOWN_ZONE, PROVEN, ("ns2",))}),
    Scenario("zone below without the proof", ("TXT", "_backoffice-challenge.news", PROOF[2]), "www A 192.0.2.1",
             MISSING, servers=("ns1",), second=Fault.UNKNOWN_ZONE,
             below={"news": Below(Fault.UNKNOWN_ZONE, "www A 192.0.2.1", ("ns2",))}),
    Scenario("zone below that is lame", ("TXT", "_backoffice-challenge.news", PROOF[2]), "www A 192.0.2.1", UNKNOWN,
             servers=("ns1",), second=Fault.UNKNOWN_ZONE,
             below={"news": Below(Fault.UNKNOWN_ZONE, Fault.UNKNOWN_ZONE, ("ns2",))}),
    Scenario("sending domain in a zone of its own", PROOF, "www A 192.0.2.1", OK, sends="news",
             below={"news": Below(PROVEN, PROVEN, ("ns1", "ns2"))}),
    Scenario("sending domain in the zone above", PROOF,
             PROVEN.replace("_backoffice-challenge", "_backoffice-challenge.news"), OK, sends="news"),
    Scenario("domain that is not registered", PROOF, "www A 192.0.2.1", MISSING,
             sends="never-registered.example."),
]  # fmt: skip

# DNSSEC: RFC 4035. What a validating resolver calls bogus no receiver can use.
SIGNED = [
    Scenario("signed", PROOF, PROVEN, OK, security=Security.SIGNED),
    Scenario("signed and the proof is not there", PROOF, "www A 192.0.2.1", MISSING, security=Security.SIGNED),
    Scenario("signed and a wildcard", PROOF, PROVEN.replace("_backoffice-challenge", "*"), OK,
             security=Security.SIGNED),
    Scenario("signed with an alias", ALIAS, "s1._domainkey CNAME s1.dkim.provider.example.", OK,
             security=Security.SIGNED),
    Scenario("signatures have expired", PROOF, PROVEN, UNKNOWN, security=Security.EXPIRED),
    Scenario("signatures have expired and nothing is there", PROOF, "www A 192.0.2.1", UNKNOWN,
             security=Security.EXPIRED),
    Scenario("signatures are missing", PROOF, PROVEN, UNKNOWN, security=Security.STRIPPED),
]  # fmt: skip

SCENARIOS: Sequence[Scenario] = [*PROOFS, *KEYS, *HOSTS, *SPFS, *DMARCS, *SERVERS, *SIGNED]

# Servers with flaws, imitated by BIND's own test options. EDNS: RFC 6891 7, and RFC 2671 5.3 before it.
LARGE = PROVEN + "".join(f'\n_backoffice-challenge TXT "a={number}{"x" * 230}"' for number in range(9))
FLAWS: Sequence[Scenario] = [
    Scenario("EDNS is a format error", PROOF, PROVEN, OK, servers=("formerr",)),
    Scenario("EDNS is not implemented", PROOF, PROVEN, OK, servers=("notimp",)),
    Scenario("EDNS is refused", PROOF, PROVEN, f"{OK}|{UNKNOWN}", servers=("refused",)),
    Scenario("EDNS is dropped", PROOF, PROVEN, f"{OK}|{UNKNOWN}", servers=("dropped",)),
    Scenario("no TCP and a short answer", PROOF, PROVEN, OK, servers=("notcp",)),
    Scenario("no TCP and a long answer", PROOF, LARGE, UNKNOWN, servers=("notcp",)),
    Scenario("no TCP at one of two and a long answer", PROOF, LARGE, OK, servers=("ns1", "notcp")),
    Scenario("UDP carries 512 octets", PROOF, LARGE, OK, servers=("small",)),
    Scenario("answers without authority", PROOF, PROVEN, f"{OK}|{UNKNOWN}", servers=("noaa",)),
    Scenario("answers without authority and no proof", PROOF, "w A 192.0.2.1", f"{MISSING}|{UNKNOWN}",
             servers=("noaa",)),
    Scenario("one of two answers without authority", PROOF, PROVEN, OK, servers=("noaa", "ns1")),
]  # fmt: skip
