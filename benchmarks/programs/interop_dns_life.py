"""The life of a domain while its servers stop, start and change; only in a program that has set up Django."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.interop.dns.internet import Domain, zone_file
from benchmarks.interop.dns.name_server import NameServer
from benchmarks.programs import rows
from people.models import User
from testing.dns_time import time_passes
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle
from whitelabel.domains.check import check
from whitelabel.models import SendingDomain, WhiteLabel

NAME = "acme.example"
ALIAS = Record("CNAME", f"s1._domainkey.{NAME}", "s1.dkim.provider.example")
SERVERS = ("life1", "life2")
SPF = Record("TXT", NAME, "v=spf1 include:spf.provider.example ~all")


class Step(NamedTuple):
    """What a check should say and says: the state of the domain, then the status of each record as it was seen."""

    scenario: str
    should: str
    says: str


def request() -> SendingDomain:
    """Ask for a domain, and answer with the records to publish."""
    rows.shop()
    owner = User.objects.create_superuser("owner@platform.example", rows.PASSWORD)
    acme, alice = WhiteLabel.objects.get(), User.objects.get(email="alice@acme.test")
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed=NAME)
    lifecycle.perform(domain.approve, [ALIAS, SPF], by=owner)
    return domain


def delegation(domain: SendingDomain) -> Domain:
    """The zone with all of its records."""
    return Domain(NAME, _zone_of(domain), _zone_of(domain), SERVERS, held_by=SERVERS)


def run(domain: SendingDomain, servers: Sequence[NameServer]) -> Iterator[Step]:
    """Each step is one check, or two a minute apart where a status is to change."""
    yield _step(domain, "life: first check", "VERIFYING OK OK OK")
    yield _step(domain, "life: second check", "ACTIVE OK OK OK")
    first, second = servers
    first.stop()
    yield _step(domain, "life: one server is away", "ACTIVE OK OK OK")
    second.stop()
    yield _step(domain, "life: both servers are away", "ACTIVE UNKNOWN UNKNOWN UNKNOWN")
    first.start()
    second.start()
    yield Step("life: the servers are back", "ACTIVE OK OK OK", _checked(domain))  # at the first check
    _publish([first], "")
    yield _step(domain, "life: the records are gone at one server", "ACTIVE UNKNOWN UNKNOWN UNKNOWN")
    _publish([second], "")
    yield _step(domain, "life: the records are gone", "ACTIVE MISSING MISSING MISSING")
    yield _step(domain, "life: still gone a minute later", "DEGRADED MISSING MISSING MISSING")
    _publish(servers, _zone_of(domain))
    _checked(domain)
    yield _step(domain, "life: the records are back, twice", "ACTIVE OK OK OK")


def _step(domain: SendingDomain, scenario: str, should: str) -> Step:
    """Check, and once more where nothing was known on a machine that may be busy; that changes no state."""
    says = _checked(domain)
    return Step(scenario, should, says if says == should or "UNKNOWN" not in says else _checked(domain))


def _checked(domain: SendingDomain) -> str:
    """Let a minute pass and check."""
    time_passes()
    domain = SendingDomain.objects.get(pk=domain.pk)
    if not check(domain):
        return "not checked"
    domain.refresh_from_db()
    return " ".join((domain.state, *(row.observed_status for row in domain.records.all())))


def _zone_of(domain: SendingDomain) -> str:
    proof = domain.ownership_record
    return f'{proof.name}. TXT "{proof.value}"\n{ALIAS.name}. CNAME {ALIAS.value}.\n{NAME}. TXT "{SPF.value}"'


def _publish(servers: Sequence[NameServer], content: str) -> None:
    """Have both servers serve this content of the zone."""
    for server in servers:
        for zone in server.zones:
            zone.file.write_text(zone_file(NAME, SERVERS, content))
        server.stop()
        server.start()
