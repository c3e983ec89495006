"""What tests of links to a domain's records share: a domain that has some, and somebody who comes without anything."""

from typing import Any

from django.test import Client
from django.urls import reverse

from testing.factories import make_domain
from whitelabel.models import SendingDomain, WhiteLabel


def make_domain_with_records(white_label: WhiteLabel) -> SendingDomain:
    domain = make_domain(white_label, "acme.test", SendingDomain.State.VERIFYING)
    domain.records.create(type="TXT", name="s1._domainkey.acme.test", value="v=DKIM1; p=abc")
    domain.records.create(type="MX", name="acme.test", value="10 mx.provider.example")
    return domain


def links_address(domain: SendingDomain, console: str = "whitelabel") -> str:
    return reverse(f"{console}:domain_links", args=[domain.pk])


def opened(token: str, name: str = "dns_records") -> Any:
    """Return the answer for somebody who comes without anything."""
    return Client().get(reverse(name, args=[token]))
