"""The audit log, to read and search; nobody changes it."""

from datetime import datetime

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from backoffice.audit.wording import Line, act_in_words, describe
from backoffice.console.admin import ListAdmin
from backoffice.owner_console.site import owner_console
from people.models import AuditEntry
from people.roles import Right

SHOWN_LINES = 10
LINES_MORE_THAN_SHOWN = 5  # so few are not worth a click
MORE = "<details><summary>{} more</summary>{}</details>"


@admin.register(AuditEntry, site=owner_console)
class AuditLog(ListAdmin):
    rights = {"view": Right.SEE_AUDIT_LOG}
    exclude = ["person"]  # whose page is not for everybody who sees the log; `who` names them
    list_display = ["when", "who_did_it", "what", "before_and_after", "address"]
    list_display_links = None
    list_filter = [("at", RangeDateTimeFilter)]
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["who", "act", "address", "path"]
    search_help_text = "Person, address or page"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Put into words what is on this page, all at once."""
        changelist = super().get_changelist_instance(request)
        describe(changelist.result_list)
        return changelist

    @display(description="When", ordering="at")
    def when(self, entry: AuditEntry) -> datetime:
        return entry.at

    @display(description="Who", ordering="who")
    def who_did_it(self, entry: AuditEntry) -> str:
        return entry.who or "Nobody signed in"

    @display(description="What", ordering="act", header=True)
    def what(self, entry: AuditEntry) -> list[str]:
        return [act_in_words(entry.act), vars(entry)["things"]]

    @display(description="Before and after")
    def before_and_after(self, entry: AuditEntry) -> SafeString | str:
        lines: list[Line] = vars(entry)["lines"]
        several = len({line.thing for line in lines}) > 1
        rows = [
            format_html(
                "<div><strong>{}</strong>: {} → {}</div>",
                f"{line.thing}, {line.field}" if several else line.field,
                line.before,
                line.after,
            )
            for line in lines
        ]
        detail = format_html("<div>{}</div>", entry.detail) if entry.detail else ""
        shown, rest = (format_html_join("", "{}", ((row,) for row in some)) for some in _parted(rows))
        more = format_html(MORE, len(rows) - SHOWN_LINES, rest) if rest else ""
        return format_html('<div class="changes">{}{}{}</div>', shown, more, detail) if lines or detail else "–"


def _parted(rows: list[SafeString]) -> tuple[list[SafeString], list[SafeString]]:
    """Return what is shown at once, and what on demand."""
    shown = SHOWN_LINES if len(rows) > SHOWN_LINES + LINES_MORE_THAN_SHOWN else len(rows)
    return rows[:shown], rows[shown:]
