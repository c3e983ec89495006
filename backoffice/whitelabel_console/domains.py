"""A white-label's own domains: ask for one, then follow it on its page: answers, records, checks, taking it back."""

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from backoffice.console.scope import current_white_label
from backoffice.shared_pages.domain_display import shown
from backoffice.shared_pages.domain_history import conversation, history, mark_read
from backoffice.shared_pages.records_links import LinkPages
from backoffice.whitelabel_console.site import whitelabel_console
from messages.forms import MessageForm
from whitelabel import dns_hosts
from whitelabel.domain_names import MAX_TYPED_CHARS, readable, registrable
from whitelabel.domains import check, lifecycle
from whitelabel.forms import DomainRequestForm
from whitelabel.models import SendingDomain, WhiteLabel

DOMAINS_SHOWN = 100
INVALID = 422


def urls() -> list[URLPattern]:
    page = whitelabel_console.page
    return [
        path("email/request/", page(request_domain), name="request_domain"),
        path("email/request/name/", page(require_GET(typed_name)), name="domain_name"),
        path("email/domains/<int:pk>/", page(require_GET(show)), name="domain"),
        path("email/domains/<int:pk>/answer/", page(require_POST(answer)), name="answer_domain"),
        path("email/domains/<int:pk>/check/", page(check_domain), name="check_domain"),
        path("email/domains/<int:pk>/withdraw/", page(withdraw_domain), name="withdraw_domain"),
        *LinkPages(whitelabel_console, _found, _own_page).urls("email/domains/<int:pk>/links/"),
    ]


def domain_context(white_label: WhiteLabel, form: DomainRequestForm | None = None) -> dict[str, Any]:
    """Return what `domain_request.html` shows: each domain once, those in use first; `form` as posted."""
    domains = _of(white_label).exclude(state=SendingDomain.State.WITHDRAWN)
    newest: dict[str, SendingDomain] = {}
    for domain in domains.prefetch_related("records")[:DOMAINS_SHOWN]:
        newest.setdefault(domain.domain, domain)
    listed = sorted(newest.values(), key=lambda domain: domain.is_over)
    return {"domain_form": form or DomainRequestForm(), "sending_domains": [shown(domain) for domain in listed]}


def request_domain(request: HttpRequest) -> HttpResponse:
    """Send the request; the whole e-mail page comes back with what was typed where something is wrong."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("whitelabel:email"))
    white_label = current_white_label(request)
    form = DomainRequestForm(request.POST)
    domain = _send(request, white_label, form) if form.is_valid() else None
    if domain is not None:
        return _to(domain)
    from backoffice.whitelabel_console.email import render_email_page

    return render_email_page(request, white_label, domain_form=form, status=INVALID)


def typed_name(request: HttpRequest) -> HttpResponse:
    """Say how a domain that is being typed is written in DNS, or what is wrong with it."""
    typed = request.GET.get("domain", "").strip()[: MAX_TYPED_CHARS + 1]
    context: dict[str, Any] = {"typed": typed}
    white_label = current_white_label(request)
    if typed:
        try:
            context["name"] = lifecycle.acceptable_for(white_label, typed)
            context["letters"] = readable(context["name"])
            context["known"] = _in_use(white_label, context["name"])
        except ValidationError as error:
            context["mistake"] = " ".join(error.messages)
    return render(request, "whitelabel_console/domain_name.html", context)


def show(request: HttpRequest, pk: int, *, form: MessageForm | None = None, status: int = 200) -> HttpResponse:
    """Show where the domain stands and what comes next; `form` as posted."""
    domain = _found(request, pk)
    mark_read(domain, _person(request))
    mailbox = domain.white_label.mailbox
    context = {
        "title": f"Domain {domain}",
        "domain": domain,
        "item": shown(domain),
        "facts": domain.dns_facts,
        "host": dns_hosts.of(domain.dns_facts.name_servers),
        "above": registrable(domain.domain),
        **history(request, domain, mailbox),
        **conversation(domain, mailbox, form),
    }
    return whitelabel_console.render(request, "whitelabel_console/domain.html", context, status=status)


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to the platform about the domain."""
    domain, form = _found(request, pk), MessageForm(request.POST)
    if not form.is_valid():
        return show(request, pk, form=form, status=INVALID)
    mailbox = domain.white_label.mailbox
    try:
        lifecycle.write(domain, sender=mailbox, person=_person(request), text=form.cleaned_data["body"])
    except ValidationError as error:
        form.add_error("body", error.messages)
        return show(request, pk, form=form, status=INVALID)
    flash.success(request, "The message was sent.")
    return _to(domain)


@require_POST
def check_domain(request: HttpRequest, pk: int) -> HttpResponse:
    domain = _found(request, pk)
    if domain.state in SendingDomain.CHECKED:
        flash.info(request, check.check_in_words(domain))
    else:
        flash.error(request, f"{domain} is “{domain.get_state_display()}”: its records are not looked for any more.")
    return _to(domain)


@require_POST
def withdraw_domain(request: HttpRequest, pk: int) -> HttpResponse:
    domain = _found(request, pk)
    try:
        lifecycle.withdraw(domain, person=_person(request))
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, f"{domain} was withdrawn; the platform was told.")
    return _to(domain)


def _send(request: HttpRequest, white_label: WhiteLabel, form: DomainRequestForm) -> SendingDomain | None:
    typed, note = form.cleaned_data["domain"], form.cleaned_data["note"]
    try:
        domain = lifecycle.request_domain(white_label=white_label, person=_person(request), typed=typed, note=note)
    except ValidationError as error:
        form.add_error("domain", error.messages)
        return None
    flash.success(request, f"The request for {domain} was sent.")
    return domain


def _of(white_label: WhiteLabel) -> Any:
    return SendingDomain.objects.with_turn().filter(white_label=white_label)


def _in_use(white_label: WhiteLabel, name: str) -> SendingDomain | None:
    mine = SendingDomain.objects.filter(white_label=white_label, domain=name)
    return mine.filter(state__in=SendingDomain.IN_USE).first()


def _found(request: HttpRequest, pk: int) -> SendingDomain:
    mine = _of(current_white_label(request)).select_related("white_label__mailbox", "thread")
    found: SendingDomain = get_object_or_404(mine.prefetch_related("records"), pk=pk)
    return found


def _own_page(domain: SendingDomain) -> str:
    return reverse("whitelabel:domain", args=[domain.pk])


def _to(domain: SendingDomain) -> HttpResponse:
    return HttpResponseRedirect(_own_page(domain))


def _person(request: HttpRequest) -> Model:
    assert isinstance(request.user, Model)
    return request.user
