"""What was done in a white-label, and what the platform did for it: who, what and when, out of the audit log."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.views.generic import TemplateView

from backoffice.audit.wording import act_in_words, describe_for
from backoffice.console.csv_download import CsvView, ids_of, in_order
from backoffice.console.scope import current_white_label
from backoffice.console.views import ConsoleMixin
from backoffice.whitelabel_console.site import whitelabel_console
from people.models import AuditEntry
from people.roles import Right

ENTRIES_A_PAGE = 50


@whitelabel_console.page("activity/", name="activity", get=Right.SEE_AUDIT_LOG)
class Activity(ConsoleMixin, TemplateView):
    """List the entries that concern the white-label: nothing of other ones, and neither values nor addresses."""

    console = whitelabel_console
    template_name = "whitelabel_console/activity.html"
    title = "Activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(entries_here(self.request), ENTRIES_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, lines=described(self.request, list(page)), **kwargs)


@whitelabel_console.page("activity/csv/", name="activity_csv", post=Right.SEE_AUDIT_LOG)
class ActivityFile(CsvView):
    """Download the entries, as the page shows them."""

    console = whitelabel_console
    called = "activity"
    columns: Mapping[str, str] = {"Id": "pk", "At": "at", "Done": "done", "What": "things", "Who": "actor"}

    def chunks(self) -> Iterator[list[AuditEntry]]:
        for ids in ids_of(entries_here(self.request)):
            yield described(self.request, in_order(entries_here(self.request), ids))


def entries_here(request: HttpRequest) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(white_label_id=current_white_label(request).pk)


def described(request: HttpRequest, entries: list[AuditEntry]) -> list[AuditEntry]:
    """Return the entries, each of which says who did (`actor`) what (`done`) to which `things`."""
    describe_for(current_white_label(request), entries)
    for entry in entries:
        vars(entry).update(done=act_in_words(entry.act))
    return entries
