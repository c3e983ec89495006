"""Links to a domain's records for somebody without an account: made, mailed, listed and revoked; for both consoles."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import FormView, View
from unfold.widgets import UnfoldAdminEmailInputWidget

from backoffice.audit.concern import concerned
from backoffice.audit.middleware import record_instead
from backoffice.console.scope import current_person
from backoffice.console.views import ConsoleMixin
from backoffice.shared_pages.records_link_mail import address_of, send_link
from delivery.message import validation
from people.audit import Change
from whitelabel.models import RecordsLink, SendingDomain


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


class RecordsLinksMixin(ConsoleMixin):
    """A page about the links of one domain. A console says which domain that is, and where its page is."""

    @cached_property
    def domain(self) -> SendingDomain:
        return self.get_domain(self.kwargs["pk"])

    def get_domain(self, pk: int) -> SendingDomain:
        """Return the domain that the person may see; 404 where there is none."""
        raise NotImplementedError

    def get_domain_address(self) -> str:
        raise NotImplementedError

    def redirect(self) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"{self.console.name}:domain_links", args=[self.domain.pk]))


class RecordsLinksView(RecordsLinksMixin, FormView):  # type: ignore[type-arg]
    """List the links; make one, which is shown this once, or mail one."""

    template_name = "console/records_links/page.html"
    form_class = SendLinkForm

    def get_title(self) -> str:
        return f"Link to the records of {self.domain}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        of_domain = {"domain": self.domain, "console_name": self.console.name, "back": self.get_domain_address()}
        return super().get_context_data(**of_domain, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if "send" in request.POST else self.make_link()

    def make_link(self) -> HttpResponse:
        try:
            link, token = RecordsLink.make(self.domain, by=self.person)
        except ValidationError as error:
            flash.error(self.request, " ".join(error.messages))
            return self.redirect()
        _note(self.request, "records_link.make", link)
        made = {"made": link, "made_address": address_of(token)}
        return self.render_to_response(self.get_context_data(form=SendLinkForm(), **made))

    def form_valid(self, form: SendLinkForm) -> HttpResponse:
        """Mail a link; where that is refused, the form says why."""
        address = form.cleaned_data["address"]
        try:
            with transaction.atomic():
                link, token = RecordsLink.make(self.domain, by=self.person, sent_to=address)
                send_link(link, token, person=self.person)
                _note(self.request, "records_link.send", link)
        except ValidationError as error:
            form.add_error("address", error.messages)
            return self.form_invalid(form)
        flash.success(self.request, f"The link is on its way to {address}.")
        return self.redirect()


class RevokeRecordsLinkView(RecordsLinksMixin, View):
    def post(self, request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
        link = get_object_or_404(RecordsLink.objects.listed().filter(domain=self.domain), pk=link_pk)
        link.revoke(by=self.person)
        _note(request, "records_link.revoke", link)
        flash.success(request, "The link was revoked; it opens nothing any more.")
        return self.redirect()


def _note(request: HttpRequest, act: str, link: RecordsLink) -> None:
    """Write down who did what with a link; never the link itself."""
    change: Change = {
        "thing": f"whitelabel.SendingDomain {link.domain_id}",
        "field": "link",
        "before": "",
        "after": str(link.pk),
    }
    sent: Change = {**change, "field": "sent_to", "after": link.sent_to}
    changes = [change, *([sent] if link.sent_to else [])]
    record_instead(request, act, person=current_person(request), changes=changes, concerns=concerned(link))
