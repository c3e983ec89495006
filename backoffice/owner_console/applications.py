"""Applications: the list, the form, and the page on which an application gets another owner."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib import messages as flash
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display

from backoffice.console.admin import TolerantSelect
from backoffice.console.filters import ChooserFilter, Titled
from backoffice.console.site import note_change
from backoffice.owner_console.application_archive import is_in_use
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.application_test_mail import SendsTestMail
from backoffice.shared_pages.figures import figures_for
from backoffice.shared_pages.keys import application_context
from delivery.models import DailyCount, Delivery
from delivery.outbox.release import release_applications
from gateway.choices import State
from gateway.keys.handover import keys_that_would_stop
from gateway.models import Key
from people.models import User
from people.roles import Right
from smtp_settings.forms import LimitField
from whitelabel.models import Application, Side
from whitelabel.models.application import MOST_A_DAY
from whitelabel.routing import Route, route_for


class ApplicationForm(forms.ModelForm):  # type: ignore[type-arg]
    daily_limit = LimitField(
        min_value=0,
        max_value=MOST_A_DAY,
        help_text="How many messages it may send a day (UTC). The rest wait. 0 means no limit.",
    )

    def clean_daily_limit(self) -> int:
        typed: int | None = self.cleaned_data["daily_limit"]
        return self.instance.daily_limit if typed is None else typed


class ArchivedFilter(Titled, admin.EmptyFieldListFilter):
    own_title = "state"

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice, words in zip(super().choices(changelist), ("All", "In use", "Archived"), strict=True):
            yield choice | {"display": words}


@admin.register(Application, site=owner_console)
class ApplicationAdmin(SendsTestMail):
    rights = {
        "view": Right.SEE,
        **dict.fromkeys(("add", "change", "delete", "act"), Right.MANAGE_APPLICATIONS),
    }
    form = ApplicationForm
    list_display = ["name", "white_label", "owner", "which_smtp"]
    list_filter = [
        ("white_label", ChooserFilter),
        ("owner", ChooserFilter),
        ("archived_at", ArchivedFilter),
    ]
    list_filter_submit = True
    list_per_page = 25
    list_select_related = ["white_label__server", "owner"]
    search_fields = ["name", "owner__email", "owner__name", "white_label__name"]
    search_help_text = "Name, owner or white-label"
    autocomplete_fields = ["white_label", "owner"]
    csv_columns = {
        "Id": "pk",
        "Ref": "ref",
        "Name": "name",
        "White-label": "white_label",
        "Owner": "owner",
        "Sender name": "sender_name",
        "Sender address": "sender_address",
        "Daily limit": "daily_limit",
        "Created": "created_at",
        "Archived": "archived_at",
    }
    fields = ["name", "white_label", "owner", "sender_name", "sender_address", "daily_limit", "ref"]
    change_form_outer_before_template = "owner_console/archived.html"
    change_form_outer_after_template = "owner_console/application/route.html"

    def offered_as(self, row: Application) -> str:
        return f"{row} ({row.white_label})" if row.white_label else str(row)

    @display(description="Which SMTP applies")
    def which_smtp(self, application: Application) -> str:
        if application.is_archived:
            return "Archived"
        route = self.route_in_list(application)
        return f"{route.server} ({'held' if route.hold else route.sender.address})"

    def get_readonly_fields(self, request: HttpRequest, obj: Application | None = None) -> list[str]:
        """Change the owner on the page of its own, which shows what that does to the mail."""
        return ["owner", "owned_by"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Application | None = None) -> list[str]:
        """Name the owner without a link to those who may not see people."""
        sees_people = owner_console.get_model_admin(User).has_view_permission(request)
        return [name if sees_people or name != "owner" else "owned_by" for name in self.fields]

    @display(description="Owner")
    def owned_by(self, application: Application) -> str:
        return str(application.owner)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        application = self.get_object(request, object_id)
        extra = {}
        if application:
            extra = {"route": route_for(application), "sent_today": sent_today(application)}
            extra |= {"in_use": is_in_use(application), "show_delete": False}  # it is offered below, more quietly
            extra |= application_context(request, application, owner_console)
            extra["figures"] = figures_for(request, owner_console, application=application.pk)
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the archive where something is kept of the application."""
        application = self.get_object(request, object_id)
        if application and is_in_use(application):
            flash.info(request, f"{application} is in use, so it cannot be deleted. Archive it instead.")
            return redirect("owner:whitelabel_application_archive", application.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once, which would ask each for its mail."""
        return {name: act for name, act in super().get_actions(request).items() if name != "delete_selected"}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Let keys go with their application, though nobody deletes a key alone."""
        listed, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        return listed, counts, forbidden - {Key._meta.verbose_name}, protected

    def save_model(self, request: HttpRequest, obj: Application, form: forms.Form, change: bool) -> None:
        """Let the mail that waits for the daily limit try the new one, and say which keys another white-label stops."""
        stopped = Key.objects.in_state(State.STOPPED).filter(application=obj.pk)
        before = len(stopped) if change else 0
        super().save_model(request, obj, form, change)
        if change and "daily_limit" in form.changed_data:
            release_applications([obj])
        if change and len(stopped.all()) > before:
            names = ", ".join(map(str, stopped.all()))
            flash.warning(request, f"Stopped until you or an admin of its white-label confirms them: {names}.")


class NewOwnerForm(forms.Form):
    """Ask who is to own `application`."""

    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label="New owner",
        help_text="Start typing a name or an e-mail address.",
        widget=TolerantSelect(Application._meta.get_field("owner"), owner_console),
        error_messages={
            "required": "Choose who is to own it.",
            "invalid_choice": "Nobody like this can sign in; invite them under People first.",
        },
    )
    previous = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, application: Application, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.application = application

    def clean_owner(self) -> User:
        person: User = self.cleaned_data["owner"]
        if person == self.application.owner:
            raise forms.ValidationError(f"{person} owns this application already.")
        return person


@owner_console.page(
    "applications/<int:application_id>/owner/",
    name="application_owner",
    get=Right.MANAGE_APPLICATIONS,
    post=Right.MANAGE_APPLICATIONS,
)
def change_owner(request: HttpRequest, application_id: int) -> HttpResponse:
    """Choose a new owner, see the route before and after, confirm."""
    applications = Application.objects.visible_to(request.user).select_related("owner", "white_label__server")
    application = get_object_or_404(applications, pk=application_id)
    typed = request.POST if request.method == "POST" else request.GET
    form = NewOwnerForm(application, typed if request.method == "POST" or "owner" in typed else None)
    chosen = form.cleaned_data["owner"] if form.is_valid() else None
    if request.method == "POST" and chosen:
        return _hand_over(request, application, chosen, form.cleaned_data["previous"])
    context = {
        "application": application,
        "form": form,
        "chosen": chosen,
        "before": route_for(application),
        "after": route_after(application, chosen) if chosen else None,
        "stopping": keys_that_would_stop(application, Side(chosen.pk, application.white_label_id)) if chosen else [],
        "waiting": Delivery.objects.filter(application=application, status__in=Delivery.WAITING).count(),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "owner_console/application/owner_preview.html", context)
    context |= {"object": application, "title": "Change the owner"}
    return owner_console.render(request, "owner_console/application/owner.html", context)


def route_after(application: Application, owner: User) -> Route:
    """Return the route the application would have if `owner` owned it; saves nothing."""
    after = Application.objects.select_related("white_label__server").get(pk=application.pk)
    after.owner = owner
    return route_for(after)


def sent_today(application: Application) -> int:
    """Return how much counts against the daily limit so far."""
    return DailyCount.of(application, timezone.now().date())


def address_of(application: Application) -> str:
    return reverse("owner:whitelabel_application_change", args=[application.pk])


def _hand_over(request: HttpRequest, application: Application, person: User, previous: int | None) -> HttpResponse:
    """Make `person` the owner, unless somebody else changed the owner since the preview was shown."""
    former = application.owner
    if application.hand_over(person, previous=previous or former.pk):
        note_change(request, application, f"Owner changed from {former} to {person}.")
        flash.success(request, f"{application} now belongs to {person}. Mail that still waits takes the new route.")
    else:
        flash.error(request, "Somebody else changed the owner meanwhile. Look at the route again.")
    return redirect(address_of(application))
