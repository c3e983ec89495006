"""A white-label's own domains, as they are listed under the form that asks for another one."""

from typing import Any

from backoffice.shared_pages.domain_display import display_of
from whitelabel.forms import DomainRequestForm
from whitelabel.models import SendingDomain, WhiteLabel

DOMAINS_SHOWN = 100


def domains_of(white_label: WhiteLabel) -> Any:
    return SendingDomain.objects.with_turn().filter(white_label=white_label)


def domain_context(white_label: WhiteLabel, form: DomainRequestForm | None = None) -> dict[str, Any]:
    """Return what `domain/request.html` shows: each domain once, those in use first; `form` as posted."""
    domains = domains_of(white_label).exclude(state=SendingDomain.State.WITHDRAWN)
    newest: dict[str, SendingDomain] = {}
    for domain in domains.prefetch_related("records")[:DOMAINS_SHOWN]:
        newest.setdefault(domain.domain, domain)
    in_use_first = sorted(newest.values(), key=lambda domain: domain.is_over)
    return {
        "domain_form": form or DomainRequestForm(),
        "sending_domains": [display_of(domain) for domain in in_use_first],
    }
