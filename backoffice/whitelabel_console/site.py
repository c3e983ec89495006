"""The white-label's site: its pages and the addresses of its lists."""

from django.http import HttpRequest
from django.urls import URLPattern

from backoffice.console import Console
from delivery.models import Delivery
from whitelabel.models import Application, WhiteLabel


class WhiteLabelConsole(Console):
    settings_name = "UNFOLD_WHITELABEL"
    short_addresses = {Delivery: "deliveries", Application: "applications"}

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit whoever is an admin of at least one white-label; platform owners have their own console."""
        return WhiteLabel.objects.filter(admins=request.user.pk).exists() and request.user.is_active

    def pages(self) -> list[URLPattern]:
        return []


whitelabel_console = WhiteLabelConsole(name="whitelabel")
