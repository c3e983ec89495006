"""Domain requests: the owner's list; each request opens the page of `domain_pages`."""

from typing import Any

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from backoffice.domain_states import LABELS
from backoffice.owner_console import domain_pages, record_pages
from backoffice.owner_console.site import owner_console
from whitelabel.domain_names import readable
from whitelabel.models import SendingDomain


@admin.register(SendingDomain, site=owner_console)
class SendingDomainAdmin(ModelAdmin):
    list_display = ["shown_name", "white_label", "shown_state", "requested_by", "age"]
    list_filter = [("state", ChoicesDropdownFilter), ("white_label", RelatedDropdownFilter), "requested_at"]
    list_filter_submit = True
    list_select_related = ["white_label", "requested_by"]
    list_per_page = 50
    search_fields = ["domain", "white_label__name", "requested_by__email", "note"]
    search_help_text = "Domain, white-label, person or note"
    actions = None

    @display(description="Domain", ordering="domain")
    def shown_name(self, domain: SendingDomain) -> str:
        name = readable(domain.domain)
        return domain.domain if name == domain.domain else f"{domain.domain} ({name})"

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, domain: SendingDomain) -> tuple[str, str]:
        return domain.state, domain.get_state_display()

    @display(description="Requested", ordering="requested_at")
    def age(self, domain: SendingDomain) -> str:
        return naturaltime(domain.requested_at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SendingDomain | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SendingDomain | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return domain_pages.show(request, object_id)

    def get_urls(self) -> list[URLPattern]:
        page = owner_console.page
        return [
            path("<int:pk>/approve/", page(domain_pages.approve), name="domain_approve"),
            path("<int:pk>/refuse/", page(domain_pages.refuse), name="domain_refuse"),
            path("<int:pk>/records/", page(domain_pages.change_records), name="domain_records"),
            path("<int:pk>/check/", page(domain_pages.check_now), name="domain_check"),
            path("<int:pk>/activate/", page(domain_pages.activate), name="domain_activate"),
            *record_pages.urls(),
            *super().get_urls(),
        ]
