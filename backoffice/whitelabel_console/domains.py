"""The page of a white-label's own domain: where it stands, its records, answers, checks and taking it back."""

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from backoffice.console.scope import current_person, current_white_label
from backoffice.console.views import INVALID
from backoffice.shared_pages.domain_display import display_of
from backoffice.shared_pages.domain_history import conversation, history, mark_read
from backoffice.whitelabel_console.domain_list import domains_of
from backoffice.whitelabel_console.site import whitelabel_console
from messages.forms import ConversationForm
from people.roles import Right
from whitelabel import dns_hosts
from whitelabel.domain_names import registrable
from whitelabel.domains import check, lifecycle
from whitelabel.models import Application, SendingDomain


@whitelabel_console.page("email/domains/<int:pk>/", name="domain", get=Right.SEE)
def domain_page(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, pk)


def show(request: HttpRequest, pk: int, *, form: ConversationForm | None = None, status: int = 200) -> HttpResponse:
    """Show where the domain stands and what comes next; `form` as posted."""
    domain = find_domain(request, pk)
    if not whitelabel_console.is_looked_at(request):
        mark_read(domain, current_person(request))
    mailbox = domain.white_label.mailbox
    context = {
        "title": f"Domain {domain}",
        "domain": domain,
        "item": display_of(domain),
        "facts": domain.dns_facts,
        "host": dns_hosts.of(domain.dns_facts.name_servers),
        "above": registrable(domain.domain),
        "sending_applications": _sending_applications(domain),
        **history(request, domain, mailbox),
        **conversation(domain, mailbox, form),
    }
    return whitelabel_console.render(request, "whitelabel_console/domain/page.html", context, status=status)


@whitelabel_console.page("email/domains/<int:pk>/answer/", name="answer_domain", post=Right.WRITE_MESSAGES)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to the platform about the domain."""
    domain, form = find_domain(request, pk), ConversationForm(request.POST)
    if not form.is_valid():
        return show(request, pk, form=form, status=INVALID)
    mailbox = domain.white_label.mailbox
    try:
        lifecycle.write(domain, sender=mailbox, person=current_person(request), text=form.cleaned_data["body"])
    except ValidationError as error:
        form.add_error("body", error.messages)
        return show(request, pk, form=form, status=INVALID)
    flash.success(request, "The message was sent.")
    return _to(domain)


@whitelabel_console.page("email/domains/<int:pk>/check/", name="check_domain", post=Right.CHECK_DOMAINS)
def check_domain(request: HttpRequest, pk: int) -> HttpResponse:
    domain = find_domain(request, pk)
    if domain.state in SendingDomain.CHECKED:
        flash.info(request, check.check_in_words(domain))
    else:
        flash.error(request, f"{domain} is “{domain.get_state_display()}”: its records are not looked for any more.")
    return _to(domain)


@whitelabel_console.page("email/domains/<int:pk>/withdraw/", name="withdraw_domain", post=Right.REQUEST_DOMAINS)
def withdraw_domain(request: HttpRequest, pk: int) -> HttpResponse:
    domain = find_domain(request, pk)
    try:
        lifecycle.perform(domain.withdraw, by=current_person(request))
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, f"{domain} was withdrawn; the platform was told.")
    return _to(domain)


def find_domain(request: HttpRequest, pk: int) -> SendingDomain:
    mine = domains_of(current_white_label(request)).select_related("white_label__mailbox", "thread")
    domain: SendingDomain = get_object_or_404(mine.prefetch_related("records"), pk=pk)
    return domain


def _sending_applications(domain: SendingDomain) -> int:
    """Return how many applications send from it while it is active: those that an admin owns."""
    mine = Application.objects.filter(white_label=domain.white_label, archived_at=None)
    return mine.filter(owner__in=domain.white_label.admins.all()).count()


def _to(domain: SendingDomain) -> HttpResponse:
    return HttpResponseRedirect(reverse("whitelabel:domain", args=[domain.pk]))
