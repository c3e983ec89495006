"""Links to a domain's records for somebody without an account: made, mailed, listed and revoked; for both consoles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminEmailInputWidget

from backoffice.audit.middleware import record_instead
from backoffice.console.site import Console
from backoffice.shared_pages.records_link_mail import address_of, send_link
from delivery.message import validation
from people.audit import Change
from people.models import User
from whitelabel.models import RecordsLink, SendingDomain

INVALID = 422


class SendLinkForm(forms.Form):
    address = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type the address of whoever publishes the records."},
    )

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"])
        try:
            return validation.address(typed, "address").address
        except ValidationError as error:
            raise ValidationError(error.messages) from error


@dataclass(frozen=True)
class LinkPages:
    """`found` returns the domain that the person may see, `back` the page of a domain; 404 where there is none."""

    console: Console
    found: Callable[[HttpRequest, int], SendingDomain]
    back: Callable[[SendingDomain], str]

    def urls(self, prefix: str) -> list[URLPattern]:
        page = self.console.page
        return [
            path(prefix, page(never_cache(self.links)), name="domain_links"),
            path(f"{prefix}<int:link_pk>/revoke/", page(require_POST(self.revoke)), name="revoke_domain_link"),
        ]

    def links(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the links; make one, which is shown this once, or mail one."""
        domain = self.found(request, pk)
        if request.method != "POST":
            return self._render(request, domain)
        if "send" in request.POST:
            return self._send(request, domain)
        try:
            link, token = RecordsLink.make(domain, by=_person(request))
        except ValidationError as error:
            flash.error(request, " ".join(error.messages))
            return self._to(domain)
        _note(request, "records_link.make", link)
        return self._render(request, domain, made=link, made_address=address_of(token))

    def revoke(self, request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
        domain = self.found(request, pk)
        link = get_object_or_404(RecordsLink.objects.listed().filter(domain=domain), pk=link_pk)
        link.revoke(by=_person(request))
        _note(request, "records_link.revoke", link)
        flash.success(request, "The link was revoked; it opens nothing any more.")
        return self._to(domain)

    def _send(self, request: HttpRequest, domain: SendingDomain) -> HttpResponse:
        form = SendLinkForm(request.POST)
        if form.is_valid():
            try:
                self._mail(request, domain, form.cleaned_data["address"])
            except ValidationError as error:
                form.add_error("address", error.messages)
        if not form.is_valid():
            return self._render(request, domain, form=form, status=INVALID)
        flash.success(request, f"The link is on its way to {form.cleaned_data['address']}.")
        return self._to(domain)

    def _mail(self, request: HttpRequest, domain: SendingDomain, address: str) -> None:
        person = _person(request)
        with transaction.atomic():
            link, token = RecordsLink.make(domain, by=person, sent_to=address)
            send_link(link, token, person=person)
            _note(request, "records_link.send", link)

    def _render(
        self,
        request: HttpRequest,
        domain: SendingDomain,
        *,
        form: SendLinkForm | None = None,
        status: int = 200,
        **made: Any,
    ) -> HttpResponse:
        context = {
            "title": f"Link to the records of {domain}",
            "domain": domain,
            "link_form": form or SendLinkForm(),
            "console_name": self.console.name,
            "back": self.back(domain),
            **made,
        }
        return self.console.render(request, "console/domain_links.html", context, status=status)

    def _to(self, domain: SendingDomain) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"{self.console.name}:domain_links", args=[domain.pk]))


def _note(request: HttpRequest, act: str, link: RecordsLink) -> None:
    """Write down who did what with a link; never the link itself."""
    change: Change = {
        "thing": f"whitelabel.SendingDomain {link.domain_id}",
        "field": "link",
        "before": "",
        "after": str(link.pk),
    }
    sent: Change = {**change, "field": "sent to", "after": link.sent_to}
    record_instead(request, act, person=_person(request), changes=[change, *([sent] if link.sent_to else [])])


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
