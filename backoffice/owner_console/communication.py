"""Settings > Communication: the custom SMTP server of the platform, and who answers for its mail."""

from functools import cached_property
from typing import Any

from backoffice.owner_console.site import owner_console
from backoffice.smtp_form.actions import BUTTONS
from backoffice.smtp_form.page import SmtpFormView
from backoffice.smtp_form.provider import Lookup
from people.roles import Right
from smtp_settings.forms import SmtpServerForm, SupportForm
from smtp_settings.models import Communication
from smtp_settings.scope import PLATFORM
from whitelabel.routing import route_for


@owner_console.page(
    "settings/communication/", name="communication", get=Right.CONFIGURE_SERVERS, post=Right.CONFIGURE_SERVERS
)
class CommunicationView(SmtpFormView):
    console = owner_console
    url_name = "owner:communication"
    title = "Communication"
    template = "owner_console/communication.html"
    scope_key = PLATFORM
    buttons = BUTTONS

    @cached_property
    def extra_form(self) -> SupportForm:
        return SupportForm(self.data, instance=Communication.current())

    def get_context_data(self, form: SmtpServerForm, lookup: Lookup | None) -> dict[str, Any]:
        stored = Communication.current()
        return super().get_context_data(form, lookup) | {
            "communication": stored,
            "second_takes_over": route_for(None).server == stored.standby,
        }


owner_console.page("settings/communication/signed-in/", name="communication_signed_in", get=Right.CONFIGURE_SERVERS)(
    CommunicationView.signed_in
)
