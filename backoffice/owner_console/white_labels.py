"""White-labels: who they are, which mail option they chose, and which SMTP applies to each of their applications."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from backoffice.console.admin import ListAdmin
from backoffice.owner_console.site import owner_console
from backoffice.owner_console.white_label_overview import overview
from backoffice.shared_pages.people import people_context
from gateway.keys.left_behind import tell_those_who_stay
from people.roles import Right
from whitelabel import members
from whitelabel.models import WhiteLabel
from whitelabel.routing import routes_of

APPLICATIONS_SHOWN = 50


class WhiteLabelForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = WhiteLabel
        fields = [
            "name",
            "ref",
            "brand_name",
            "brand_colour",
            "console_host",
            "admins",
            "viewers",
            "mail_option",
            "fall_back",
            "second_factor_required",
        ]
        widgets = {"brand_colour": UnfoldAdminColorInputWidget}

    def clean_console_host(self) -> str | None:
        return WhiteLabel.checked_console_host(self.cleaned_data["console_host"])


@admin.register(WhiteLabel, site=owner_console)
class WhiteLabelAdmin(ListAdmin):
    rights = {"view": Right.SEE, "add": Right.MANAGE_WHITE_LABELS, "change": Right.MANAGE_WHITE_LABELS}
    form = WhiteLabelForm
    ordering = ["name", "pk"]  # also of the chooser: rows that are counted have no order of their own
    list_display = ["called", "brand", "mail_option", "own_server", "application_count"]
    list_filter = ["mail_option"]
    list_select_related = ["server"]
    search_fields = ["name", "brand_name", "admins__email"]
    search_help_text = "Name, brand or admin"
    autocomplete_fields = ["admins", "viewers"]
    csv_columns = {
        "Id": "pk",
        "Ref": "ref",
        "Name": "name",
        "Brand": "brand_name",
        "Console host": "console_host",
        "Mail option": "get_mail_option_display",
        "Own server": "own_server",
        "Applications": "application_count",
        "Created": "created_at",
        "Archived": "archived_at",
    }
    fieldsets = [
        (None, {"fields": ["name", "admins", "viewers", "ref"]}),
        ("Brand", {"fields": ["brand_name", "brand_colour", "console_host"]}),
        ("E-mail", {"fields": ["mail_option", "fall_back"]}),
        ("Sign-in", {"fields": ["second_factor_required"]}),
    ]
    change_form_outer_before_template = "owner_console/archived.html"
    change_form_outer_after_template = "owner_console/white_label_panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WhiteLabel]:
        return super().get_queryset(request).annotate(apps=Count("applications", distinct=True))

    @display(description="Name", ordering="name")
    def called(self, white_label: WhiteLabel) -> str:
        return f"{white_label} (archived)" if white_label.is_archived else str(white_label)

    @display(description="Brand", ordering="brand_name")
    def brand(self, white_label: WhiteLabel) -> str:
        swatch = render_to_string("console/swatch.html", {"colour": white_label.brand_colour})
        return format_html("{} {}", swatch, white_label.brand_name)

    @display(description="Own server", ordering="server__state")
    def own_server(self, white_label: WhiteLabel) -> str:
        return white_label.server.get_state_display() if white_label.server else "None"

    @display(description="Applications", ordering="apps")
    def application_count(self, white_label: WhiteLabel) -> int:
        return white_label.apps  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whoever has a role now is neither suspended nor invited any more; who has lost one leaves their keys."""
        before = set(form.instance.admins.all()) if change else set()
        super().save_related(request, form, formsets, change)
        white_label = form.instance
        members.settle(white_label)
        for person in before - set(white_label.admins.all()):
            tell_those_who_stay(person, white_label)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        white_label = self.get_object(request, object_id)
        extra: dict[str, object] = {}
        if white_label:
            extra = {"routes": _routes(white_label), "people": people_context(white_label)}
            extra |= overview(request, white_label)
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})


def _routes(white_label: WhiteLabel) -> list[dict[str, object]]:
    """Return each application, up to `APPLICATIONS_SHOWN`, with its route."""
    applications = list(white_label.applications.select_related("owner", "white_label__server")[:APPLICATIONS_SHOWN])
    return [
        {"application": application, "route": route}
        for application, route in zip(applications, routes_of(applications), strict=True)
    ]
