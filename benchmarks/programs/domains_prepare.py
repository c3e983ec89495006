"""Give the product active domains whose daily check is due: `… domains_prepare COUNT`."""

import sys
from datetime import timedelta

import django

from benchmarks import dns_server
from benchmarks.programs import take_part


def prepare(count: int) -> None:
    from django.utils import timezone

    from whitelabel.models import DnsRecord, SendingDomain, WhiteLabel

    acme = WhiteLabel.objects.get()
    now = timezone.now()
    domains = SendingDomain.objects.bulk_create(
        SendingDomain(
            white_label=acme,
            domain=f"d{number}.example",
            state=SendingDomain.State.ACTIVE,
            next_check_at=now - timedelta(hours=1),
        )
        for number in range(count)
    )
    yesterday = now - timedelta(days=1)
    observed = {"status": "OK", "observed_status": "OK", "observed_since": yesterday, "checked_at": yesterday}
    DnsRecord.objects.bulk_create(
        DnsRecord(sending_domain=domain, type=kind, name=name, value=value, **observed)
        for domain in domains
        for kind, name, value in records_of(domain.domain)
    )


def records_of(domain: str) -> list[tuple[str, str, str]]:
    """Return what providers typically ask for, and the proof of ownership."""
    aliases = (*dns_server.KEYS, dns_server.RETURN_PATH)
    return [
        ("TXT", f"{dns_server.PROOF}.{domain}", dns_server.proof_of(domain)),
        *(("CNAME", f"{label}.{domain}", dns_server.alias_of(label)) for label in aliases),
        ("TXT", domain, dns_server.SPF),
    ]


def main() -> None:
    django.setup()
    take_part(lambda: prepare(int(sys.argv[1])))


if __name__ == "__main__":
    main()
