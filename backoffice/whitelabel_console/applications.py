"""The white-label's applications, to read: which SMTP applies to each, and why."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from backoffice.console.scope import current_white_label
from backoffice.shared_pages.application_test_mail import SendsTestMail
from backoffice.shared_pages.figures import figures_for
from backoffice.shared_pages.keys import application_context
from backoffice.whitelabel_console.admin import ScopedModelAdmin
from backoffice.whitelabel_console.site import whitelabel_console
from whitelabel.models import Application
from whitelabel.routing import route_for


@admin.register(Application, site=whitelabel_console)
class ApplicationAdmin(SendsTestMail, ScopedModelAdmin):
    nothing_yet = "The platform creates applications; write a message if one is missing."
    list_display = ["name", "owner", "which_smtp"]
    list_per_page = 25
    list_select_related = ["white_label__server", "owner"]
    search_fields = ["name", "owner__email"]
    search_help_text = "Name or owner"
    csv_columns = {
        "Id": "pk",
        "Name": "name",
        "Owner": "owner",
        "Sender name": "sender_name",
        "Sender address": "sender_address",
        "Created": "created_at",
        "Archived": "archived_at",
    }
    fields = ["name", "owner", "sender_name", "sender_address"]
    change_form_outer_after_template = "whitelabel_console/application/route.html"

    @display(description="Which SMTP applies")
    def which_smtp(self, application: Application) -> str:
        if application.is_archived:
            return "Archived"
        route = self.route_in_list(application)
        whose = "Your own SMTP server" if route.rule == 1 else "The platform's SMTP server"
        return f"{whose} (held)" if route.hold else whose

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        application = self.get_object(request, object_id)
        assert isinstance(application, Application)
        tenant = current_white_label(request).pk  # not the mail that was another's when it was accepted
        extra = {
            "route": route_for(application),
            "figures": figures_for(request, whitelabel_console, application=application.pk, tenant=tenant),
            **application_context(request, application, whitelabel_console),
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})
