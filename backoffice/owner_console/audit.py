"""The audit log, to read and search; nobody changes it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_noop
from unfold.decorators import display

from backoffice.audit.middleware import record_instead
from backoffice.audit.wording import Line, act_in_words, describe
from backoffice.console.admin import ListAdmin
from backoffice.console.filters import TimeRange
from backoffice.console.scope import current_person
from backoffice.owner_console.site import owner_console
from people.audit_export import COLUMNS, FORMATS, csv_lines
from people.models import AuditEntry
from people.roles import Right
from phrases.phrase import Phrase

EXPORTED = gettext_noop("As %(format)s, with these filters: %(filters)s")
FILTERS_CHARS = 500
SEARCHED_MOST = 100_000  # entries of the page's filters, the newest; an export looks through all
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
SHOWN_LINES = 10
LINES_MORE_THAN_SHOWN = 5  # so few are not worth a click
MORE = "<details><summary>{} more</summary>{}</details>"


@admin.register(AuditEntry, site=owner_console)
class AuditLog(ListAdmin):
    rights = {"view": Right.SEE_AUDIT_LOG}
    exclude = ["person"]  # whose page is not for everybody who sees the log; `who` names them
    list_display = ["when", "who_did_it", "what", "before_and_after", "address"]
    list_display_links = None
    list_filter = [("at", TimeRange)]
    list_filter_submit = True
    list_per_page = 50
    search_fields = ["who", "act", "address", "path"]
    search_help_text = "Person, address or page"
    list_before_template = "owner_console/audit_export.html"
    csv_columns = dict(zip(COLUMNS, COLUMNS, strict=True))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.guarded(self.export_view, post=Right.SEE_AUDIT_LOG)
        return [path("export/", view, name="audit_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send what the list holds with the filters in the address, as a file; that this was done is an entry too."""
        form = request.POST.get("format", "")
        if form not in FORMATS:
            return HttpResponseBadRequest()
        try:
            listed = self.whole_list(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseBadRequest()
        detail = Phrase(EXPORTED, {"format": form, "filters": request.GET.urlencode()[:FILTERS_CHARS]})
        record_instead(request, "audit.export", person=current_person(request), detail=detail)
        headers = {"Content-Disposition": f'attachment; filename="audit.{form}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(
            FORMATS[form](_oldest_first(listed)), content_type=MEDIA_TYPES[form], headers=headers
        )

    def csv_lines(self, request: HttpRequest, changelist: ChangeList) -> Iterator[str]:
        """Yield what the export yields: with it, anybody can compute the digests anew."""
        return csv_lines(_oldest_first(changelist.queryset))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show a page, whose search is bounded; `request.looked_back_to` says how far it looked, None for all."""
        request.looked_back_to = None  # type: ignore[attr-defined]
        shown: HttpResponse = super().changelist_view(request, extra_context)
        return shown

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[AuditEntry]", search_term: str
    ) -> "tuple[QuerySet[AuditEntry], bool]":
        if search_term and hasattr(request, "looked_back_to"):
            further = queryset.order_by("-at").values_list("at", flat=True)[SEARCHED_MOST : SEARCHED_MOST + 1]
            request.looked_back_to = next(iter(further), None)
            queryset = queryset.filter(at__gt=request.looked_back_to) if request.looked_back_to else queryset
        return super().get_search_results(request, queryset, search_term)

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
        return str(vars(entry)["actor"])

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


def _oldest_first(listed: "QuerySet[AuditEntry]") -> Iterator[AuditEntry]:
    return AuditEntry.objects.filter(pk__in=listed.order_by().values("pk")).oldest_first()


def _parted(rows: list[SafeString]) -> tuple[list[SafeString], list[SafeString]]:
    """Return what is shown at once, and what on demand."""
    shown = SHOWN_LINES if len(rows) > SHOWN_LINES + LINES_MORE_THAN_SHOWN else len(rows)
    return rows[:shown], rows[shown:]
