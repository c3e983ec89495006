"""What the owner does with a domain request: each action posts to its own address and returns to the request's page."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from backoffice.console.scope import current_person
from backoffice.console.views import INVALID
from backoffice.owner_console.domains.page import back_to, facts, find_domain, show
from backoffice.owner_console.site import owner_console
from messages.forms import ConversationForm
from messages.models import Mailbox
from people.roles import Right
from whitelabel.domains import check, lifecycle
from whitelabel.forms import RefusalForm, record_rows, with_another_row
from whitelabel.models import DomainEvent, SendingDomain


class ReasonedTransition(Protocol):
    """A transition of a domain with a reason, such as `SendingDomain.refuse`."""

    def __call__(self, domain: SendingDomain, reason: str, /, *, by: Model) -> DomainEvent: ...


@owner_console.page(
    "domains/<int:pk>/approve/", name="domain_approve", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS
)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    domain = find_domain(request, pk)
    if request.method != "POST":
        return back_to(domain)
    if "add_row" in request.POST:
        return show(request, pk, rows=with_another_row(domain, request.POST))
    rows = record_rows(domain, request.POST)
    if not rows.is_valid():
        return show(request, pk, rows=rows, status=INVALID)
    done = f"{domain} is approved; {domain.white_label} was sent the records."
    return _perform(request, domain, partial(domain.approve, rows.records, by=current_person(request)), done)


@owner_console.page(
    "domains/<int:pk>/refuse/", name="domain_refuse", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS
)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, SendingDomain.refuse, "{domain} was refused; {domain.white_label} was told why.")


@owner_console.page(
    "domains/<int:pk>/suspend/", name="domain_suspend", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS
)
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    done = "{domain} is suspended; {domain.white_label} was told why."
    return _with_reason(request, pk, SendingDomain.suspend, done)


@owner_console.page("domains/<int:pk>/ask/", name="domain_ask", get=Right.WRITE_MESSAGES, post=Right.WRITE_MESSAGES)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to the white-label; while its request is open, the answer is waited for."""
    domain = find_domain(request, pk)
    if request.method != "POST":
        return back_to(domain)
    form = ConversationForm(request.POST)
    if not form.is_valid():
        return show(request, pk, message=form, status=INVALID)
    try:
        text = form.cleaned_data["body"]
        lifecycle.write(domain, sender=Mailbox.platform(), person=current_person(request), text=text)
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, f"The message was sent to {domain.white_label}.")
    return back_to(domain)


@owner_console.page(
    "domains/<int:pk>/records/", name="domain_records", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS
)
def change_records(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what was approved: a page of its own, so that the answer page stays short."""
    domain = find_domain(request, pk)
    posted = request.POST if request.method == "POST" else None
    rows = record_rows(domain, posted)
    if posted and "add_row" in posted:
        rows = with_another_row(domain, posted)
    elif rows.is_valid():
        done = f"The records were changed; {domain.white_label} was sent the new ones."
        return _perform(request, domain, partial(domain.change_records, rows.records, by=current_person(request)), done)
    context = {"title": f"DNS records of {domain}", "domain": domain, "rows": rows}
    return owner_console.render(
        request, "owner_console/domain/records.html", context, status=INVALID if rows.is_bound else 200
    )


@owner_console.page("domains/<int:pk>/check/", name="domain_check", post=Right.CHECK_DOMAINS)
def check_now(request: HttpRequest, pk: int) -> HttpResponse:
    domain = find_domain(request, pk)
    flash.info(request, check.check_in_words(domain))
    return back_to(domain)


@owner_console.page(
    "domains/<int:pk>/activate/", name="domain_activate", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS
)
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then let mail leave from the domain whatever DNS says."""
    domain = find_domain(request, pk)
    if request.method == "POST":
        return _perform(request, domain, partial(domain.activate, by=current_person(request)), f"{domain} is active.")
    if not domain.waits_for_dns:
        return back_to(domain)
    context = {"title": f"Activate {domain}", "domain": domain, **facts(domain)}
    return owner_console.render(request, "owner_console/domain/activate.html", context)


@owner_console.page("domains/<int:pk>/resume/", name="domain_resume", post=Right.DECIDE_DOMAINS)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    domain = find_domain(request, pk)
    done = f"The suspension of {domain} is lifted."
    return _perform(request, domain, partial(domain.resume, by=current_person(request)), done)


@owner_console.page("domains/<int:pk>/reopen/", name="domain_reopen", post=Right.DECIDE_DOMAINS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    domain = find_domain(request, pk)
    done = f"The request for {domain} is open again."
    return _perform(request, domain, partial(domain.reopen, by=current_person(request)), done)


def _with_reason(request: HttpRequest, pk: int, transition: ReasonedTransition, done: str) -> HttpResponse:
    """Make a transition of which the white-label is sent the reason."""
    domain = find_domain(request, pk)
    if request.method != "POST":
        return back_to(domain)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return show(request, pk, reason=form, status=INVALID)
    act = partial(transition, domain, form.cleaned_data["reason"], by=current_person(request))
    return _perform(request, domain, act, done.format(domain=domain))


def _perform(
    request: HttpRequest, domain: SendingDomain, transition: Callable[[], DomainEvent], done: str
) -> HttpResponse:
    """Make the transition and say so, or say why not; then return to the page of the request."""
    try:
        lifecycle.perform(transition)
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, done)
    return back_to(domain)
