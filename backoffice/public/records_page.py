"""The page that a link opens for somebody without an account: a domain's records, and what DNS shows of them.

It knows no session and sets no cookie. Whoever holds the link may also have DNS asked again, which is the only act
here: it is paced like everywhere, so that it needs no protection beyond the link, which nobody can guess.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from backoffice.console.branding import PageBrand, brand_of
from backoffice.shared_pages.domain_display import STATUS_LABELS
from gateway.networks import household_of
from people.client_address import client_address
from people.throttling import exceeded
from whitelabel import dns_hosts
from whitelabel.dns.record import Record, Status, Type
from whitelabel.dns_hosts import DnsHost
from whitelabel.domain_names import registrable
from whitelabel.domains import check as checking
from whitelabel.models import DnsRecord, RecordsLink, SendingDomain

REQUESTS_PER_MINUTE = 120  # of one address: a page asks four times a minute, and offices share an address
REFRESH_SECONDS = 15
HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}
NOBODYS = PageBrand("DNS records")  # strangers learn of no brand, the platform's included

View = Callable[[HttpRequest, RecordsLink, str], HttpResponse]


@dataclass(frozen=True)
class RecordDisplay:
    """A record as it is typed in at the DNS host; `number` counts from 1 and names it on the page."""

    number: int
    record: DnsRecord
    variant: str
    name: str
    value: str
    priority: str


def for_holders(method: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Find the link that the address carries, for requests by `method`.

    Absent, expired and revoked links, and other methods, are answered alike; whoever has a link that once worked sees
    whose it was, which says nothing to those who never had it.
    """

    def guard(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @never_cache
        def guarded(request: HttpRequest, **address: str) -> HttpResponse:
            return _closed(_answer(view, request, address["token"], method))

        return guarded

    return guard


def _answer(view: View, request: HttpRequest, token: str, method: str) -> HttpResponse:
    if exceeded(f"records-page:{household_of(client_address(request))}", most=REQUESTS_PER_MINUTE):
        return _render(request, NOBODYS, "too_many", {}, status=429)
    asked = "GET" if request.method == "HEAD" else request.method
    known = RecordsLink.objects.with_token(token)
    link = known.open(timezone.now()).first() if asked == method else None
    return view(request, link, token) if link else _absent(request, known.first())


@for_holders("GET")
def page(request: HttpRequest, link: RecordsLink, token: str) -> HttpResponse:
    link.save_opening(timezone.now())
    domain = link.domain
    host = dns_hosts.of(domain.dns_facts.name_servers)
    context = {"link": link, "host": host, "above": registrable(domain.domain), **_state(domain, host, token)}
    return _render(request, brand_of(domain.white_label), "page", context)


@for_holders("GET")
def status(request: HttpRequest, link: RecordsLink, token: str) -> HttpResponse:
    """Render what changes on the page, from what was stored; where the records themselves changed, reload it."""
    link.save_opening(timezone.now())
    context = _state(link.domain, None, token)
    response = render(request, "records_page/status.html", {**context, "alone": True})
    if request.GET.get("of") != context["of"]:
        response["HX-Refresh"] = "true"
    return response


@for_holders("POST")
def check(request: HttpRequest, link: RecordsLink, token: str) -> HttpResponse:
    """Have DNS asked, at most as often as in the consoles, and show the page again."""
    checking.check_for_person(link.domain)
    return HttpResponseRedirect(reverse("dns_records", args=[token]), status=303)


def _state(domain: SendingDomain, host: DnsHost | None, token: str) -> dict[str, object]:
    rows = list(domain.records.all())
    published = sum(row.status == Status.OK for row in rows)
    content = "\n".join(f"{row.type} {row.name} {row.to_publish}" for row in rows)
    return {
        "token": token,
        "domain": domain,
        "records": [_display(number, row, domain, host) for number, row in enumerate(rows, start=1)],
        "published": published,
        "all_published": bool(rows) and published == len(rows),
        "of": hashlib.sha256(content.encode()).hexdigest()[:16],
        "refresh_seconds": REFRESH_SECONDS,
    }


def _display(number: int, row: DnsRecord, domain: SendingDomain, host: DnsHost | None) -> RecordDisplay:
    record = Record(row.type, row.name, row.to_publish)
    value, priority = dns_hosts.typed_value(record, host), ""
    if row.type == Type.MX and not (host and host.priority_in_value):
        priority, _, value = value.partition(" ")
    name = dns_hosts.typed_name(record, domain.domain, host)
    return RecordDisplay(number, row, STATUS_LABELS.get(Status(row.status), ""), name, value, priority)


def _absent(request: HttpRequest, ended: RecordsLink | None) -> HttpResponse:
    brand = brand_of(ended.domain.white_label) if ended else NOBODYS
    response = _render(request, brand, "absent", {}, status=404)
    if request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"  # a page that stayed open shows that its link ended
    return response


def _render(
    request: HttpRequest, brand: PageBrand, name: str, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    return render(request, f"records_page/{name}.html", {"brand": brand, **context}, status=status)


def _closed(response: HttpResponse) -> HttpResponse:
    """Keep the answer out of search engines and referrers, and its address, which is a secret, out of the log."""
    for name, value in HEADERS.items():
        response[name] = value
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
