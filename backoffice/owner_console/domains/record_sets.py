"""Sets of records that the owner keeps to use again: list, rename, delete; they are made on the page of a request."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from backoffice.console.admin import ListAdmin
from backoffice.owner_console.site import owner_console
from people.roles import Right
from whitelabel.models import RecordSet


@admin.register(RecordSet, site=owner_console)
class RecordSetAdmin(ListAdmin):
    rights = {"view": Right.SEE, "change": Right.DECIDE_DOMAINS, "delete": Right.DECIDE_DOMAINS}
    nothing_yet = "Save the DNS records of a domain request as a template there, and reuse them for the next one."
    list_display = ["name", "count", "made_at"]
    search_fields = ["name"]
    search_help_text = "Name of a template"
    fields = ["name", "record_list"]
    readonly_fields = ["record_list"]
    actions = None
    csv_columns = {"Id": "pk", "Name": "name", "Records": "count", "Made": "made_at"}

    @display(description="Records")
    def count(self, record_set: RecordSet) -> int:
        return len(record_set.rows)

    @display(description="Records")
    def record_list(self, record_set: RecordSet) -> SafeString:
        rows = ((row.type, row.name, row.value) for row in record_set.rows)
        return format_html_join(
            "", '<p class="kept-record"><strong>{}</strong> <code>{}</code> <code>{}</code></p>', rows
        )
