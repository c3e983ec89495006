"""The white-label's site: its pages and the addresses of its lists."""

from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from backoffice.console.scope import administered_by, current_white_label
from backoffice.console.site import Console, View
from backoffice.whitelabel_console.links import follow_link, opened_for_another
from delivery.models import Delivery, Suppression
from whitelabel.models import Application


class WhiteLabelConsole(Console):
    settings_name = "UNFOLD_WHITELABEL"
    short_addresses = {Delivery: "deliveries", Suppression: "suppressed-addresses", Application: "applications"}

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit whoever is an admin of at least one white-label; platform owners have their own console."""
        return administered_by(request.user).exists()

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Guard `view`; a link that names a white-label leads into that one, and a form stays in the one it names."""
        guarded: View = super().admin_view(view, cacheable)

        def in_the_named_one(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return guarded(request, *args, **kwargs)
            return follow_link(request) or opened_for_another(request) or guarded(request, *args, **kwargs)

        return update_wrapper(in_the_named_one, guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        return context | {"in_white_label": current_white_label(request).pk if self.has_permission(request) else None}

    def pages(self) -> list[URLPattern]:
        from backoffice.whitelabel_console import domains, email, home, messages

        return [
            *domains.urls(),
            *messages.pages.urls(),
            path("email/", self.page(email.email), name="email"),
            path("email/signed-in/", self.page(require_GET(email.signed_in)), name="email_signed_in"),
            path("choose/", self.page(home.choose), name="choose"),
        ]

    def first_page(self, request: HttpRequest) -> HttpResponse:
        from backoffice.whitelabel_console.home import home

        return home(request)


whitelabel_console = WhiteLabelConsole(name="whitelabel")
