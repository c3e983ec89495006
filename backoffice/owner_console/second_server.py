"""The platform's second SMTP server, which takes over while the first does not answer."""

from django.contrib import messages as flash
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backoffice.owner_console.site import owner_console
from backoffice.smtp_form.actions import BUTTONS
from backoffice.smtp_form.page import SmtpFormView
from people.roles import Right
from smtp_settings import configuring
from smtp_settings.scope import SECOND


def remove(page: SmtpFormView) -> HttpResponse:
    configuring.remove(scope=page.scope())
    flash.success(page.request, "The second SMTP server was removed, its password with it.")
    return HttpResponseRedirect(reverse("owner:communication"))


@owner_console.page(
    "settings/communication/second/", name="second_server", get=Right.CONFIGURE_SERVERS, post=Right.CONFIGURE_SERVERS
)
class SecondServerView(SmtpFormView):
    console = owner_console
    url_name = "owner:second_server"
    title = "Second SMTP server"
    template = "owner_console/second_server.html"
    scope_key = SECOND
    buttons = {**BUTTONS, "remove": remove}


owner_console.page(
    "settings/communication/second/signed-in/", name="second_server_signed_in", get=Right.CONFIGURE_SERVERS
)(SecondServerView.signed_in)
