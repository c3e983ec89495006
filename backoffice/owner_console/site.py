"""The owner's site: who may enter, and the addresses of its lists."""

from django.http import HttpRequest, HttpResponse

from backoffice.audit.looks import end_look_in_time
from backoffice.console import navigation
from backoffice.console.site import Console
from delivery.models import Delivery, Suppression
from gateway.models import Key
from people.access import Rights
from people.models import AuditEntry, User
from people.roles import Right, may, rights_of, roles_of
from whitelabel.models import Application, RecordSet, SendingDomain, WhiteLabel


class OwnerConsole(Console):
    settings_name = "UNFOLD"
    menu = navigation.OWNERS
    beside_menu = navigation.OWNERS_ACTS
    short_addresses = {
        Delivery: "deliveries",
        Suppression: "suppressed-addresses",
        WhiteLabel: "white-labels",
        Application: "applications",
        SendingDomain: "domains",
        RecordSet: "record-sets",
        Key: "keys",
        User: "people",
        AuditEntry: "audit",
    }

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Right.SEE)

    def rights_of(self, request: HttpRequest) -> frozenset[Right]:
        return rights_of(request.user)

    def turn_away(self, request: HttpRequest, rights: Rights) -> HttpResponse | None:
        """A look at a white-label's console whose time is over ends here too, with an entry in the audit log."""
        end_look_in_time(request)
        return super().turn_away(request, rights)

    def roles_in_words(self, request: HttpRequest) -> dict[str, str]:
        return {"roles": ", ".join(roles_of(request.user)), "whom_to_ask": "a platform owner"}


owner_console = OwnerConsole(name="owner")
