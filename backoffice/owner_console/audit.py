"""The audit log, to read and search; nobody changes it."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from backoffice.models import AuditEntry
from backoffice.owner_console.site import owner_console


@admin.register(AuditEntry, site=owner_console)
class AuditLog(ModelAdmin):
    list_display = ["at", "who", "what", "address", "shown_changes"]
    list_display_links = None
    list_filter = [("at", RangeDateTimeFilter)]
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["who", "act", "address", "path"]
    search_help_text = "Person, act, address or page"

    @display(description="What", ordering="act")
    def what(self, entry: AuditEntry) -> str:
        return entry.what

    @display(description="Changed")
    def shown_changes(self, entry: AuditEntry) -> SafeString:
        rows = ((c["thing"], c["field"], c["before"] or "nothing", c["after"] or "nothing") for c in entry.changes)
        return format_html_join("", "<div>{}, {}: {} → {}</div>", rows)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
