"""The white-label's site: who may enter, and the addresses of its lists."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from backoffice.console import look
from backoffice.console.scope import current_white_label, find_white_label
from backoffice.console.site import Console
from backoffice.whitelabel_console.looking import look_ends, only_looks
from backoffice.whitelabel_console.white_label_choice import (
    choose_by_link,
    go_where_there_is_a_role,
    refuse_form_of_another,
)
from delivery.models import Delivery, Suppression
from gateway.models import Key
from people.access import Rights
from people.roles import Right, rights_of
from whitelabel.models import Application


class WhiteLabelConsole(Console):
    settings_name = "UNFOLD_WHITELABEL"
    has_foreign_rows = True
    short_addresses = {
        Delivery: "deliveries",
        Suppression: "suppressed-addresses",
        Application: "applications",
        Key: "keys",
    }

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit whoever has a role in at least one white-label, or looks at one."""
        return find_white_label(request) is not None

    def rights_of(self, request: HttpRequest) -> frozenset[Right]:
        """Return what the person may do in the white-label that they work in; who looks at it only reads."""
        if self.is_looked_at(request):
            return look.ACTS
        known: frozenset[Right] | None = getattr(request, "_rights", None)
        if known is None:
            known = rights_of(request.user, at=current_white_label(request))
            request._rights = known  # type: ignore[attr-defined]
        return known

    def reads_of(self, request: HttpRequest) -> frozenset[Right]:
        return look.READS if self.is_looked_at(request) else self.rights_of(request)

    def is_looked_at(self, request: HttpRequest) -> bool:
        return look.current(request) is not None

    def roles_in_words(self, request: HttpRequest) -> dict[str, str]:
        white_label = current_white_label(request)
        roles = ", ".join(sorted(white_label.roles_of(request.user)))
        return {"roles": f"{roles} of {white_label}", "whom_to_ask": f"an admin of {white_label}"}

    def turn_away(self, request: HttpRequest, rights: Rights) -> HttpResponse | None:
        """A link that names a white-label leads into that one, and a form stays in the one it names."""
        if looks := look_ends(request) or only_looks(self, request):
            return looks
        if not self.has_permission(request) or self.is_looked_at(request):
            return super().turn_away(request, rights)
        return (
            choose_by_link(request)
            or go_where_there_is_a_role(request)
            or refuse_form_of_another(request)
            or super().turn_away(request, rights)
        )

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        here = current_white_label(request).pk if self.has_permission(request) else None
        return context | {"in_white_label": here, "look": look.current(request)}


whitelabel_console = WhiteLabelConsole(name="whitelabel")
