"""The owner's site: who may enter, and the addresses of its lists."""

from django.http import HttpRequest

from backoffice.console.site import Console
from delivery.models import Delivery, Suppression
from gateway.models import Key
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
        Key: "keys",
        User: "people",
        AuditEntry: "audit",
    }

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Right.USE_OWNER_CONSOLE)


owner_console = OwnerConsole(name="owner")
