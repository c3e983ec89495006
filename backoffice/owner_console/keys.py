"""The owner's keys: those of every application, and those of the platform."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.console.filters import ChooserFilter
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.keys import Keys, StateFilter
from gateway.choices import Maker
from gateway.models import Key
from people.models import User
from people.roles import Right
from whitelabel.models import Application


@admin.register(Key, site=owner_console)
class OwnersKeys(Keys):
    rights = {"view": Right.MANAGE_KEYS, "add": Right.MANAGE_KEYS}
    maker = Maker.PLATFORM
    for_platform = True
    list_filter = (StateFilter, ("maker", ChoicesDropdownFilter), ("application", ChooserFilter))

    def get_applications(self, request: HttpRequest) -> QuerySet[Application]:
        return Application.objects.visible_to(request.user).filter(archived_at=None)

    def name_of(self, request: HttpRequest, person: User | None) -> str:
        return str(person) if person else "somebody who is no longer here"
