"""The page of a domain request, where the owner reads the facts and answers."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from backoffice.console.ids import may_be_id
from backoffice.console.scope import current_person
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.domain_display import display_of
from backoffice.shared_pages.domain_history import conversation, history, mark_read
from messages.forms import ConversationForm
from messages.models import Mailbox
from whitelabel.domain_names import FREE_MAIL, above, platform_domains, registrable
from whitelabel.forms import RecordRows, RefusalForm, record_rows
from whitelabel.lookalikes import remarks
from whitelabel.models import Application, SendingDomain

RELATED_SHOWN = 20


def show(
    request: HttpRequest,
    pk: int | str,
    *,
    rows: RecordRows | None = None,
    reason: RefusalForm | None = None,
    message: ConversationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the facts and what can be answered; `rows`, `reason` and `message` as posted."""
    domain = find_domain(request, pk)
    mark_read(domain, current_person(request))
    context = {
        "title": f"Domain request: {domain}",
        "domain": domain,
        "rows": rows or record_rows(domain),
        "reason": reason or RefusalForm(),
        **facts(domain),
        **history(request, domain, Mailbox.platform()),
        **conversation(domain, Mailbox.platform(), message),
    }
    return owner_console.render(request, "owner_console/domain/page.html", context, status=status)


def facts(domain: SendingDomain) -> dict[str, Any]:
    """Return what an owner should know before answering."""
    applications = Application.objects.filter(white_label=domain.white_label)
    namesakes = SendingDomain.objects.filter(domain=domain.domain).exclude(pk=domain.pk)
    same = namesakes.filter(state__in=SendingDomain.IN_USE)
    live = SendingDomain.objects.live().exclude(white_label=domain.white_label).values_list("domain", flat=True)
    return {
        "display": display_of(domain),
        "registrable": registrable(domain.domain),
        "remarks": remarks(domain.domain, platform_domains() | FREE_MAIL | set(live)),
        "same": same.select_related("white_label").prefetch_related("records"),
        "related": related(domain),
        "others": namesakes.filter(white_label=domain.white_label).prefetch_related("records"),
        "facts": domain.dns_facts,
        "applications": applications.count(),
        "sending_applications": applications.filter(owner__in=domain.white_label.admins.all()).count(),
    }


def related(domain: SendingDomain) -> list[SendingDomain]:
    """Return the domains of other white-labels above or below it in DNS that are in use."""
    others = SendingDomain.objects.filter(state__in=SendingDomain.IN_USE).exclude(white_label=domain.white_label)
    tree = others.filter(Q(domain__in=above(domain.domain)) | Q(domain__endswith=f".{domain.domain}"))
    return list(tree.select_related("white_label").prefetch_related("records")[:RELATED_SHOWN])


def find_domain(request: HttpRequest, pk: int | str) -> SendingDomain:
    """Return the request with whose turn it is; 404 where there is none."""
    if not may_be_id(SendingDomain, pk):
        raise Http404
    visible = SendingDomain.objects.visible_to(request.user).with_turn().prefetch_related("records")
    return get_object_or_404(visible.select_related("white_label__mailbox", "requested_by", "thread"), pk=pk)


def back_to(domain: SendingDomain) -> HttpResponse:
    return HttpResponseRedirect(reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk]))
