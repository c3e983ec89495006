"""The keys of a white-label's applications."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from backoffice.console.filters import ChooserFilter
from backoffice.console.scope import current_white_label
from backoffice.shared_pages.keys import Keys, StateFilter
from backoffice.whitelabel_console.admin import ScopedModelAdmin
from backoffice.whitelabel_console.site import whitelabel_console
from gateway.choices import Maker
from gateway.models import Key
from messages.models import Mailbox
from people.models import User
from people.roles import Right, may
from whitelabel.correspondence import name_of
from whitelabel.models import Application


@admin.register(Key, site=whitelabel_console)
class WhiteLabelsKeys(ScopedModelAdmin, Keys):
    rights = {"view": Right.SEE, "add": Right.MANAGE_KEYS}
    white_label_path = "application__white_label"
    maker = Maker.WHITE_LABEL
    list_filter = (StateFilter, ("application", ChooserFilter))

    def get_applications(self, request: HttpRequest) -> QuerySet[Application]:
        return Application.objects.filter(white_label=current_white_label(request), archived_at=None)

    def act_view(self, request: HttpRequest, object_id: int, act: str) -> HttpResponse:
        """Return to the people who are listed with the keys that they left behind, where the button stood there."""
        response = super().act_view(request, object_id, act)
        return redirect("whitelabel:people") if "from_people" in request.POST else response

    def name_of(self, request: HttpRequest, person: User | None) -> str:
        """Name the white-label's own admins; the platform's people speak for the platform."""
        if person and current_white_label(request).admins.filter(pk=person.pk).exists():
            return str(person)
        if may(person, Right.MANAGE_KEYS):
            return name_of(Mailbox.platform())
        return "somebody who is no admin here"
