"""The owner's site: its pages and the addresses of its lists."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from backoffice.console.site import Console
from delivery.models import Delivery, Suppression
from people.models import AuditEntry, User
from people.roles import Right, may
from whitelabel.models import Application, RecordSet, SendingDomain, WhiteLabel


class OwnerConsole(Console):
    settings_name = "UNFOLD"
    short_addresses = {
        Delivery: "deliveries",
        Suppression: "suppressed-addresses",
        WhiteLabel: "white-labels",
        Application: "applications",
        SendingDomain: "domains",
        RecordSet: "record-sets",
        User: "people",
        AuditEntry: "audit",
    }

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Right.USE_OWNER_CONSOLE)

    def pages(self) -> list[URLPattern]:
        from backoffice.development import catcher_page
        from backoffice.owner_console import applications, communication, messages, people, second_server

        return [
            path("settings/communication/", self.page(communication.communication), name="communication"),
            path(
                "settings/communication/signed-in/",
                self.page(require_GET(communication.signed_in)),
                name="communication_signed_in",
            ),
            path("settings/communication/second/", self.page(second_server.second_server), name="second_server"),
            path(
                "settings/communication/second/signed-in/",
                self.page(require_GET(second_server.signed_in)),
                name="second_server_signed_in",
            ),
            *messages.pages.urls(),
            *catcher_page.urls(),
            path(
                "applications/<int:application_id>/owner/",
                self.page(applications.change_owner),
                name="application_owner",
            ),
            path("people/<int:person_id>/invite/", self.page(people.invite_again), name="person_invite"),
            path(
                "people/<int:person_id>/second-factor/",
                self.page(people.remove_second_factor),
                name="person_second_factor",
            ),
        ]

    def first_page(self, request: HttpRequest) -> HttpResponse:
        from backoffice.owner_console.dashboard import dashboard

        return dashboard(request)


owner_console = OwnerConsole(name="owner")
