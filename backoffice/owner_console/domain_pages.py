"""The page of a domain request, and the answers that the owner gives on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.domain_states import shown
from backoffice.owner_console.site import owner_console
from whitelabel import checking, requests
from whitelabel.domain_names import FREE_MAIL, platform_domains, readable
from whitelabel.forms import RecordRows, RefusalForm, record_rows, with_another_row
from whitelabel.lookalikes import remarks
from whitelabel.models import Application, SendingDomain

INVALID = 422


def show(
    request: HttpRequest,
    pk: int | str,
    *,
    rows: RecordRows | None = None,
    refusal: RefusalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the facts and what can be answered; `rows` and `refusal` as posted."""
    domain = _found(request, pk)
    context = {
        "title": f"Domain request: {domain}",
        "domain": domain,
        "rows": rows or record_rows(domain),
        "refusal": refusal or RefusalForm(),
        **_facts(domain),
    }
    return owner_console.render(request, "owner_console/domain.html", context, status=status)


def approve(request: HttpRequest, pk: int) -> HttpResponse:
    domain = _found(request, pk)
    if request.method != "POST":
        return _back(domain)
    if "add_row" in request.POST:
        return show(request, pk, rows=with_another_row(domain, request.POST))
    rows = record_rows(domain, request.POST)
    if not rows.is_valid():
        return show(request, pk, rows=rows, status=INVALID)
    return _act(
        request,
        domain,
        lambda: requests.approve(domain, person=_person(request), records=rows.records),
        f"{domain} is approved; {domain.white_label} was sent the records.",
    )


def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    domain = _found(request, pk)
    if request.method != "POST":
        return _back(domain)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return show(request, pk, refusal=form, status=INVALID)
    return _act(
        request,
        domain,
        lambda: requests.refuse(domain, person=_person(request), reason=form.cleaned_data["reason"]),
        f"{domain} was refused; {domain.white_label} was told why.",
    )


def change_records(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what was approved: a page of its own, so that the answer page stays short."""
    domain = _found(request, pk)
    posted = request.POST if request.method == "POST" else None
    rows = record_rows(domain, posted)
    if posted and "add_row" in posted:
        rows = with_another_row(domain, posted)
    elif rows.is_valid():
        return _act(
            request,
            domain,
            lambda: requests.change_records(domain, person=_person(request), records=rows.records),
            f"The records were changed; {domain.white_label} was sent the new ones.",
        )
    context = {"title": f"DNS records of {domain}", "domain": domain, "rows": rows}
    return owner_console.render(
        request, "owner_console/domain_records.html", context, status=INVALID if rows.is_bound else 200
    )


@require_POST
def check_now(request: HttpRequest, pk: int) -> HttpResponse:
    domain = _found(request, pk)
    flash.info(request, checking.check_in_words(domain))
    return _back(domain)


def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then let mail leave from the domain whatever DNS says."""
    domain = _found(request, pk)
    if request.method == "POST":
        return _act(request, domain, lambda: requests.activate(domain, person=_person(request)), f"{domain} is active.")
    if not domain.waits_for_dns:
        return _back(domain)
    context = {"title": f"Activate {domain}", "domain": domain, **_facts(domain)}
    return owner_console.render(request, "owner_console/domain_activate.html", context)


def _act(request: HttpRequest, domain: SendingDomain, act: Callable[[], None], done: str) -> HttpResponse:
    """Do it and say so, or say why not; then return to the page of the request."""
    try:
        act()
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, done)
    return _back(domain)


def _facts(domain: SendingDomain) -> dict[str, Any]:
    applications = Application.objects.filter(white_label=domain.white_label)
    same = SendingDomain.objects.filter(domain=domain.domain, state__in=SendingDomain.IN_USE).exclude(pk=domain.pk)
    live = SendingDomain.objects.live().exclude(white_label=domain.white_label).values_list("domain", flat=True)
    return {
        "shown": shown(domain),
        "readable": readable(domain.domain),
        "remarks": remarks(domain.domain, platform_domains() | FREE_MAIL | set(live)),
        "same": same.select_related("white_label"),
        "applications": applications.count(),
        "sending_applications": applications.filter(owner__in=domain.white_label.admins.all()).count(),
    }


def _found(request: HttpRequest, pk: int | str) -> SendingDomain:
    if not str(pk).isdecimal():
        raise Http404
    visible = SendingDomain.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("white_label__mailbox", "requested_by", "thread"), pk=pk)


def _back(domain: SendingDomain) -> HttpResponse:
    return HttpResponseRedirect(reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk]))


def _person(request: HttpRequest) -> Model:
    assert isinstance(request.user, Model)
    return request.user
