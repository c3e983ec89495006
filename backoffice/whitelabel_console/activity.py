"""What was done in a white-label, and what the platform did for it: who, what and when, out of the audit log."""

from typing import Any

from django.core.paginator import Paginator
from django.views.generic import TemplateView

from backoffice.audit.wording import act_in_words, describe_for
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
        white_label = current_white_label(self.request)
        entries = AuditEntry.objects.filter(white_label_id=white_label.pk)
        page = Paginator(entries, ENTRIES_A_PAGE).get_page(self.request.GET.get("page"))
        listed = list(page)
        describe_for(white_label, listed)
        lines = [{"entry": entry, **vars(entry), "act": act_in_words(entry.act)} for entry in listed]
        return super().get_context_data(page=page, lines=lines, **kwargs)
