"""The owner's site: its pages and the addresses of its lists."""

from django.http import HttpRequest
from django.urls import URLPattern

from backoffice.console import Console
from backoffice.models import User
from delivery.models import Delivery
from whitelabel.models import Application, SendingDomain, WhiteLabel


class OwnerConsole(Console):
    settings_name = "UNFOLD"
    short_addresses = {
        Delivery: "deliveries",
        WhiteLabel: "white-labels",
        Application: "applications",
        SendingDomain: "domains",
        User: "people",
    }

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_owner", False))

    def pages(self) -> list[URLPattern]:
        return []


owner_console = OwnerConsole(name="owner")
