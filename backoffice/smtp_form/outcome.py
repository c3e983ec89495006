"""The outcome of a check or a test e-mail, which an open page polls until it is finished."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from smtp_settings.checks import preflight, sample_mail
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpCheck
from smtp_settings.providers import lookup
from smtp_settings.scope import Scope
from whitelabel.domain_names import FREE_MAIL, domain_of

MAX_DIGITS = 18  # every number of them fits into a column of 64 bits


def check_of(scope_key: str, number: str) -> SmtpCheck | None:
    """Return the check with this number, as the address gives it, where it is one of the scope."""
    if not (number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS):
        return None
    return SmtpCheck.objects.filter(scope_key=scope_key, pk=number).select_related("person").first()


def address_of(check: SmtpCheck, page_url: str) -> str:
    return f"{page_url}?check={check.pk}"


def form_of(check: SmtpCheck, scope: Scope) -> SmtpServerForm:
    """Return the form with the values that were checked, and at its field what was wrong with them."""
    switched_on = check.change.get("switched_on", scope.in_use)
    form = SmtpServerForm(scope=scope, initial=check.values | {"switched_on": switched_on})
    fault = fault_of(check)
    if fault.get("field") in form.fields:
        form.errors[fault["field"]] = form.error_class([fault["sentence"]])
    return form


def context(check: SmtpCheck | None, scope_key: str, page_url: str) -> dict[str, Any]:
    return {
        "outcome": check,
        "outcome_steps": steps_of(check) if check else [],
        "outcome_now": _under_way(check) if check else {},
        "outcome_fault": fault_of(check) if check else {},
        "outcome_address": address_of(check, page_url) if check else "",
        "sender_is_free_mail": check is not None and _sends_for_another_provider(check.values),
        "last_check": SmtpCheck.objects.latest_of(scope_key),
    }


def render_alone(request: HttpRequest, check: SmtpCheck, scope: Scope, page_url: str) -> HttpResponse:
    """Render only the outcome and the last check, for a page that is open."""
    parts = context(check, scope.key, page_url) | {"swap": True, "scope": scope}
    return render(request, "console/smtp/outcome_alone.html", parts)


def steps_of(check: SmtpCheck) -> list[dict[str, object]]:
    """Return the steps that have ended, and while it runs those to come, the first of these under way."""
    if check.finished:
        return check.steps
    names = preflight.expected(check.server)
    if check.kind == SmtpCheck.Kind.TEST:
        names = [*names[:-2], sample_mail.ACCEPTED]
    ended = {step["step"] for step in check.steps}
    coming = [{"step": name, "coming": True} for name in names if name not in ended]
    if coming and check.status == SmtpCheck.Status.RUNNING:
        coming[0]["under_way"] = True
    return [*check.steps, *coming]


def _under_way(check: SmtpCheck) -> dict[str, object]:
    """Return the step that is under way and which one of how many it is, {} where none is."""
    steps = steps_of(check)
    numbered = ({**step, "number": number, "of": len(steps)} for number, step in enumerate(steps, start=1))
    return next((step for step in numbered if step.get("under_way")), {})


def fault_of(check: SmtpCheck) -> dict[str, str]:
    """Return the field at fault and what to say there, {} where nothing failed."""
    failed = check.failed_step if check.finished else {}
    if not failed:
        return {}
    return {"field": failed["field"], "sentence": " ".join(filter(None, (failed["sentence"], failed["fix"])))}


def _sends_for_another_provider(values: Mapping[str, str]) -> bool:
    """Return whether the sender is at a free-mail provider whose own server this is not known to be."""
    address = values.get("sender_address", "")
    domain, own = domain_of(address), lookup.by_host(values.get("host", ""), address)
    return domain in FREE_MAIL and not (own and own == lookup.by_domain(domain))
