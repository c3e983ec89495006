"""The addresses that no mail is sent to in both consoles, and the act of releasing them."""

from datetime import datetime
from typing import Any

from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from backoffice.console.admin import ReadOnlyAdmin
from delivery.models import Suppression
from delivery.outbox.release import release_address
from people.roles import Right


class SuppressedAddresses(ReadOnlyAdmin):
    """Read-only but for one act: release. Its button stands in the form of the list, and sends that to its own page."""

    rights = {"view": Right.SEE, "act": Right.HANDLE_MAIL}
    nothing_yet = "A recipient comes here when a server says that the address does not exist; then no mail goes to it."
    list_display: Any = ("address", "white_label_name", "reason", "since", "release_button")
    list_display_links = None
    list_per_page = 50
    search_fields = ("address", "reason")
    search_help_text = "Address or reason"
    actions = ("release_selected",)
    csv_columns: Any = {"Address": "address", "White-label": "white_label_name", "Reason": "reason", "Since": "at"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        return Suppression.objects.visible_to(request.user).select_related("white_label")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.guarded(self.release_view, post=Right.HANDLE_MAIL)
        return [path("<int:object_id>/release/", view, name="delivery_suppression_release"), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Leave the button to those who may release."""
        left_out = () if self.permits(request, "act") else ("release_button",)
        return [name for name in self.list_display if name not in left_out]

    @display(description="White-label", ordering="white_label__name")
    def white_label_name(self, suppression: Suppression) -> str:
        return str(suppression.white_label or "The platform")

    @display(description="Since", ordering="at")
    def since(self, suppression: Suppression) -> datetime:
        return suppression.at

    @display(description="Action")
    def release_button(self, suppression: Suppression) -> SafeString:
        address = reverse(f"{self.admin_site.name}:delivery_suppression_release", args=[suppression.pk])
        words = format_html('Allow again<span class="sr-only"> {}</span>', suppression)
        return format_html('<button class="plain-button" type="submit" formaction="{}">{}</button>', address, words)

    @action(description="Allow again", permissions=["act"])
    def release_selected(self, request: HttpRequest, chosen: QuerySet[Suppression]) -> None:
        _notify(request, f"{len(chosen)} addresses are", sum(release_address(suppression) for suppression in chosen))

    def release_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        suppression = get_object_or_404(self.get_queryset(request), pk=object_id)
        _notify(request, f"{suppression} is", release_address(suppression))
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:delivery_suppression_changelist"))


def _notify(request: HttpRequest, what: str, waiting: int) -> None:
    """Say what was released and what becomes of the mail that waited for it."""
    mail = {0: "No message waited.", 1: "The message that waited is sent now."}.get(
        waiting, f"{waiting} messages are sent now."
    )
    flash.success(request, f"{what} allowed again. {mail}")
