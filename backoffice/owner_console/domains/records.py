"""Records for a domain request that come from elsewhere: pasted, or from a saved set. Nothing is saved unseen."""

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from backoffice.console.ids import may_be_id
from backoffice.console.views import INVALID
from backoffice.owner_console.domains.page import back_to, find_domain
from backoffice.owner_console.site import owner_console
from people.roles import Right
from whitelabel.dns.record import Record
from whitelabel.forms import ROWS_MAX, PasteForm, RecordRows, RecordSetForm, record_rows, rows_of
from whitelabel.models import RecordSet, SendingDomain
from whitelabel.models.records_link import OVER
from whitelabel.pasting import Pasted, PastedRow, Unread

REASONS_MAX = 100
TOO_MANY = f"a request may have at most {ROWS_MAX} records"


@owner_console.page("domains/<int:pk>/paste/", name="domain_paste", get=Right.DECIDE_DOMAINS, post=Right.DECIDE_DOMAINS)
def paste(request: HttpRequest, pk: int) -> HttpResponse:
    """Read what was pasted, or take a saved set (`?set=`), and show the rows before anything is saved."""
    domain = _answerable(request, pk)
    if domain is None:
        return back_to(find_domain(request, pk))
    form = PasteForm(request.POST if request.method == "POST" else None, domain=domain)
    if form.is_bound:
        valid = form.is_valid()
        return _show(request, domain, form, form.pasted, status=200 if valid else INVALID)
    chosen = request.GET.get("set", "")
    if not chosen:
        return _show(request, domain, form, Pasted((), ()))
    if not may_be_id(RecordSet, chosen):
        raise Http404
    record_set = get_object_or_404(RecordSet, pk=chosen)
    rows = tuple(PastedRow(record, (), (), "") for record in record_set.records_for(domain.domain))
    return _show(request, domain, form, Pasted(rows, ()), record_set=record_set)


@owner_console.page("domains/<int:pk>/set/", name="record_set_new", post=Right.DECIDE_DOMAINS)
def keep_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the rows with the domain as the variable and ask for a name; keep the set once a name is given."""
    domain = _answerable(request, pk)
    if domain is None:
        return back_to(find_domain(request, pk))
    rows = record_rows(domain, request.POST)
    if not rows.is_valid():
        context = {"title": f"Records of {domain}", "rows": rows, **_page_context(domain)}
        return _render(request, "pasted", context, status=INVALID)
    try:
        record_set = RecordSet.of(rows.records, domain)
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
        return back_to(domain)
    form = RecordSetForm(request.POST if "name" in request.POST else None, instance=record_set)
    if form.is_valid():
        form.save()
        flash.success(request, f"The DNS template “{record_set}” was saved.")
        return HttpResponseRedirect(f"{reverse('owner:domain_paste', args=[domain.pk])}?set={record_set.pk}")
    context = {
        "title": "Save as DNS template",
        "domain": domain,
        "rows": rows,
        "record_set": record_set,
        "form": form,
    }
    return _render(request, "record_set_new", context, status=INVALID if form.is_bound else 200)


def _show(
    request: HttpRequest,
    domain: SendingDomain,
    form: PasteForm,
    pasted: Pasted,
    *,
    record_set: RecordSet | None = None,
    status: int = 200,
) -> HttpResponse:
    fitting, left = _fitting(domain, pasted)
    unread = [*left, *pasted.unread]
    refused = [one for one in unread if not one.is_ordinary]
    ordinary = [one for one in unread if one.is_ordinary]
    context = {
        "title": f"Records for {domain}",
        "paste_form": form,
        "record_set": record_set,
        "rows": _rows(domain, fitting) if fitting else None,
        "removed": _removed(domain, fitting) if fitting else [],
        "count": len(fitting),
        "unread_count": len(unread),
        "refused": refused[:REASONS_MAX],
        "other_lines": "\n".join(one.line for one in [*ordinary, *refused[REASONS_MAX:]]),
        **_page_context(domain),
    }
    return _render(request, "pasted", context, status=status)


def _fitting(domain: SendingDomain, pasted: Pasted) -> tuple[list[PastedRow], list[Unread]]:
    """Return the rows that fit beside the one that proves ownership, and those that do not as unread."""
    rows = [row for row in pasted.rows if row.record != domain.ownership_record]
    most = ROWS_MAX - len(_proof(domain))
    return rows[:most], [Unread(row.line, TOO_MANY) for row in rows[most:]]


def _rows(domain: SendingDomain, pasted: list[PastedRow]) -> RecordRows:
    """Return the rows as a form, each of which knows what it was read from."""
    proof = _proof(domain)
    rows = rows_of(domain, [*proof, *(row.record for row in pasted)])
    for form, row in zip(rows.forms[len(proof) :], pasted, strict=False):
        form.read_from = row
    return rows


def _proof(domain: SendingDomain) -> list[Record]:
    """Return the record that proves ownership, where it is one of the rows that an answer begins with."""
    proof = domain.ownership_record
    return [proof] if any(form.initial.get("value") == proof.value for form in record_rows(domain).forms) else []


def _removed(domain: SendingDomain, pasted: list[PastedRow]) -> list[Record]:
    """Return the records of today that would be taken away."""
    wanted = {domain.ownership_record, *(row.record for row in pasted)}
    return [row.expected for row in domain.records.all() if row.expected not in wanted]


def _page_context(domain: SendingDomain) -> dict[str, Any]:
    asked = domain.state == SendingDomain.State.REQUESTED
    return {
        "domain": domain,
        "target": reverse("owner:domain_approve" if asked else "owner:domain_records", args=[domain.pk]),
        "button": "Approve and send the records" if asked else "Save and send the records",
    }


def _answerable(request: HttpRequest, pk: int) -> SendingDomain | None:
    """Return the domain if records can be given for it now; 404 where there is none."""
    domain = find_domain(request, pk)
    if domain.state in OVER:
        flash.error(request, f"This is not possible any more: {domain} is “{domain.get_state_display()}”.")
        return None
    return domain


def _render(request: HttpRequest, page: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return owner_console.render(request, f"owner_console/domain/{page}.html", context, status=status)
