"""A white-label's own domains: ask for one, see the answer and the records, check them, take it back."""

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from backoffice.domain_states import shown
from backoffice.link_pages import LinkPages
from backoffice.whitelabel_console.scope import current_white_label
from backoffice.whitelabel_console.site import whitelabel_console
from whitelabel import checking, requests
from whitelabel.forms import DomainRequestForm
from whitelabel.models import SendingDomain, WhiteLabel

DOMAINS_SHOWN = 20
INVALID = 422


def urls() -> list[URLPattern]:
    page = whitelabel_console.page
    return [
        path("email/request/", page(request_domain), name="request_domain"),
        path("email/domains/<int:pk>/check/", page(check_domain), name="check_domain"),
        path("email/domains/<int:pk>/withdraw/", page(withdraw_domain), name="withdraw_domain"),
        *LinkPages(whitelabel_console, _found, _own_page).urls("email/domains/<int:pk>/links/"),
    ]


def domain_context(
    request: HttpRequest, white_label: WhiteLabel, form: DomainRequestForm | None = None
) -> dict[str, Any]:
    """Return what `whitelabel_console/domain_request.html` shows; `form` as posted."""
    domains = SendingDomain.objects.filter(white_label=white_label).exclude(state=SendingDomain.State.WITHDRAWN)
    newest: dict[str, SendingDomain] = {}
    for domain in domains.prefetch_related("records")[:DOMAINS_SHOWN]:
        newest.setdefault(domain.domain, domain)
    return {"domain_form": form or DomainRequestForm(), "sending_domains": [shown(one) for one in newest.values()]}


def request_domain(request: HttpRequest) -> HttpResponse:
    """Send the request; the whole e-mail page comes back with what was typed where something is wrong."""
    if request.method != "POST":
        return _back()
    white_label = current_white_label(request)
    form = DomainRequestForm(request.POST)
    if form.is_valid():
        _send(request, white_label, form)
    if form.is_valid():
        return _back()
    from backoffice.whitelabel_console.email import render_email_page

    return render_email_page(request, white_label, domain_form=form, status=INVALID)


@require_POST
def check_domain(request: HttpRequest, pk: int) -> HttpResponse:
    flash.info(request, checking.check_in_words(_found(request, pk)))
    return _back()


@require_POST
def withdraw_domain(request: HttpRequest, pk: int) -> HttpResponse:
    domain = _found(request, pk)
    try:
        requests.withdraw(domain, person=_person(request))
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, f"{domain} was withdrawn; the platform was told.")
    return _back()


def _send(request: HttpRequest, white_label: WhiteLabel, form: DomainRequestForm) -> None:
    try:
        domain = requests.request_domain(
            white_label=white_label,
            person=_person(request),
            typed=form.cleaned_data["domain"],
            note=form.cleaned_data["note"],
        )
    except ValidationError as error:
        form.add_error("domain", error.messages)
    else:
        flash.success(request, f"The request for {domain} was sent.")


def _found(request: HttpRequest, pk: int) -> SendingDomain:
    mine = SendingDomain.objects.filter(white_label=current_white_label(request))
    return get_object_or_404(mine.select_related("white_label__mailbox", "thread"), pk=pk)


def _own_page(domain: SendingDomain) -> str:
    return reverse("whitelabel:email")


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("whitelabel:email"))


def _person(request: HttpRequest) -> Model:
    assert isinstance(request.user, Model)
    return request.user
