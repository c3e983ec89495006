"""The keys of a white-label's applications."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.console.scope import current_white_label
from backoffice.shared_pages.keys import Keys, StateFilter
from backoffice.whitelabel_console.admin import ScopedModelAdmin
from backoffice.whitelabel_console.delivery_log import OwnApplicationFilter
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
    list_filter = (StateFilter, ("application", OwnApplicationFilter))

    def get_applications(self, request: HttpRequest) -> QuerySet[Application]:
        return Application.objects.filter(white_label=current_white_label(request), archived_at=None)

    def name_of(self, request: HttpRequest, person: User | None) -> str:
        """Name the white-label's own admins; the platform's people speak for the platform."""
        if person and current_white_label(request).admins.filter(pk=person.pk).exists():
            return str(person)
        if may(person, Right.MANAGE_KEYS):
            return name_of(Mailbox.platform())
        return "somebody who is no admin here"
