"""The white-label's site: who may enter, and the addresses of its lists."""

from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponse

from backoffice.console.scope import administered_by, current_white_label
from backoffice.console.site import Console, ViewFunction
from backoffice.whitelabel_console.white_label_choice import choose_by_link, refuse_form_of_another
from delivery.models import Delivery, Suppression
from gateway.models import Key
from whitelabel.models import Application


class WhiteLabelConsole(Console):
    settings_name = "UNFOLD_WHITELABEL"
    short_addresses = {
        Delivery: "deliveries",
        Suppression: "suppressed-addresses",
        Application: "applications",
        Key: "keys",
    }

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit whoever is an admin of at least one white-label; platform owners have their own console."""
        return administered_by(request.user).exists()

    def admin_view(self, view: ViewFunction, cacheable: bool = False) -> ViewFunction:
        """Guard `view`; a link that names a white-label leads into that one, and a form stays in the one it names."""
        guarded: ViewFunction = super().admin_view(view, cacheable)

        def in_the_named_one(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return guarded(request, *args, **kwargs)
            return choose_by_link(request) or refuse_form_of_another(request) or guarded(request, *args, **kwargs)

        return update_wrapper(in_the_named_one, guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        return context | {"in_white_label": current_white_label(request).pk if self.has_permission(request) else None}


whitelabel_console = WhiteLabelConsole(name="whitelabel")
