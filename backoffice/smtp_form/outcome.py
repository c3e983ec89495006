"""What a check or a test e-mail found, while it is under way and afterwards; the page looks until it is finished."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django_htmx.http import HttpResponseClientRedirect, reselect, reswap, retarget

from backoffice.smtp_form import oauth
from smtp_settings.checks import preflight, sample_mail
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpCheck
from smtp_settings.providers import lookup
from smtp_settings.scope import Scope
from whitelabel.domain_names import FREE_MAIL, domain_of

if TYPE_CHECKING:
    from backoffice.smtp_form.actions import Page, Render


def show(page: "Page", render: "Render") -> HttpResponse:
    """Show the whole page; to a page that is open and looks, only the outcome."""
    found = asked_for(page)
    looking = page.request.GET.get("look") == "1" and found is not None and is_htmx(page.request)
    if not looking or found is None:
        return render(page, None)
    if found.applied:
        return go_to(page.request, address_of(page.request, found))
    return _outcome_alone(page, found)


def show_begun(page: "Page", check: SmtpCheck) -> HttpResponse:
    """Answer the button that began `check`."""
    if is_htmx(page.request) and not check.applied:
        return _outcome_alone(page, check)
    return go_to(page.request, address_of(page.request, check))


def asked_for(page: "Page") -> SmtpCheck | None:
    """Return the check that the address names, None where it is nobody's or another scope's."""
    number = page.request.GET.get("check", "")
    checks = SmtpCheck.objects.filter(scope_key=page.scope_key).select_related("person")
    SmtpCheck.objects.give_up_overdue()
    return checks.filter(pk=number).first() if number.isascii() and number.isdecimal() and len(number) < 19 else None


def form_of(page: "Page", scope: Scope, found: SmtpCheck | None) -> SmtpServerForm:
    """Return the form as it is stored; after a check that stored nothing, as the person had typed it."""
    if found and found.applied:
        oauth.forget(page.request)
    if found is None or found.applied or found.person_id != page.person.pk:
        return SmtpServerForm(scope=scope, initial=oauth.typed(page.request, page.scope_key))
    switched_on = found.change.get("switched_on", scope.in_use)
    form = SmtpServerForm(scope=scope, initial=found.values | {"switched_on": switched_on})
    fault = fault_of(found)
    if fault.get("field") in form.fields:
        form.errors[fault["field"]] = form.error_class([fault["sentence"]])
    return form


def context(page: "Page", found: SmtpCheck | None) -> dict[str, object]:
    return {
        "outcome": found,
        "outcome_steps": steps_of(found) if found else [],
        "outcome_fault": fault_of(found) if found else {},
        "outcome_address": address_of(page.request, found) if found else "",
        "sender_is_free_mail": found is not None and _sends_for_another_provider(found.values),
        "last_check": SmtpCheck.objects.latest_of(page.scope_key),
    }


def steps_of(found: SmtpCheck) -> list[dict[str, object]]:
    """Return what was found, and while it runs what is still to come, the first of these under way."""
    if found.finished:
        return found.steps
    names = preflight.expected(found.server)
    if found.kind == SmtpCheck.Kind.TEST:
        names = [*names[:-2], sample_mail.ACCEPTED]
    done = {step["step"] for step in found.steps}
    coming = [{"step": name, "coming": True} for name in names if name not in done]
    if coming and found.status == SmtpCheck.Status.RUNNING:
        coming[0]["under_way"] = True
    return [*found.steps, *coming]


def fault_of(found: SmtpCheck) -> dict[str, str]:
    """Return the field at fault and what to say there, {} where nothing failed."""
    failed = found.failed_step if found.finished else {}
    if not failed:
        return {}
    return {"field": failed["field"], "sentence": " ".join(filter(None, (failed["sentence"], failed["fix"])))}


def _sends_for_another_provider(values: Mapping[str, str]) -> bool:
    """Return whether the sender is at a free-mail provider whose own server this is not known to be."""
    address = values.get("sender_address", "")
    domain, own = domain_of(address), lookup.by_host(values.get("host", ""), address)
    return domain in FREE_MAIL and not (own and own == lookup.by_domain(domain))


def address_of(request: HttpRequest, check: SmtpCheck) -> str:
    return f"{request.path}?check={check.pk}"


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Load a page anew, from a form or from htmx."""
    return HttpResponseClientRedirect(address) if is_htmx(request) else HttpResponseRedirect(address)


def replace_form(request: HttpRequest, whole_page: HttpResponse) -> HttpResponse:
    """Answer a form with mistakes: the whole page, of which htmx takes the form."""
    if not is_htmx(request):
        return whole_page
    whole_page.status_code = 200  # htmx swaps nothing else
    return reselect(reswap(retarget(whole_page, "#smtp-form"), "outerHTML"), "#smtp-form")


def is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


def _outcome_alone(page: "Page", found: SmtpCheck) -> HttpResponse:
    shown = context(page, found) | {"swap": True, "scope": page.scope()}
    return render_template(page.request, "console/smtp_found.html", shown)
