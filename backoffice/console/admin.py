"""What the lists and forms of both consoles share: their names, their empty states, and choosers that no id breaks."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import BadRequest
from django.db.models import ForeignKey, JSONField, ManyToManyField, Model, QuerySet
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import get_language
from unfold.admin import ModelAdmin, checkbox
from unfold.decorators import display
from unfold.views import ChangeList

from backoffice.console.csv_download import CsvDownload, is_whole
from backoffice.console.ids import may_be_id
from backoffice.console.site import Console
from backoffice.console.views import INVALID
from people.access import Rights, declare
from people.roles import Right

SEARCHED_CHARS, SEARCHED_WORDS = 300, 20
PAGES = {  # the admin's own, by the end of the URL's name: which verb is asked about to read it, and to post to it
    "": ("view", ""),
    "changelist": ("view", "act"),
    "history": ("view", ""),
    "change": ("view", "change"),
    "add": ("add", "add"),
    "delete": ("delete", "delete"),
}


class FilteredList(ChangeList):
    """A list that is narrowed by its own filters alone. Django's would pass every other lookup on to the database: a
    regular expression for each row, a range of five thousand numbers."""

    def get_filters(self, request: HttpRequest) -> tuple[list[Any], bool, dict[str, Any], bool, bool]:
        """Raises `DisallowedModelAdminLookup`, which is answered with 400."""
        found: tuple[list[Any], bool, dict[str, Any], bool, bool] = super().get_filters(request)
        for name in found[2]:
            raise DisallowedModelAdminLookup(f"No filter of this list is called {name[:100]}.")
        return found

    def get_results(self, request: HttpRequest) -> None:
        """What was counted and is not there is not looked for once more."""
        if is_whole(request):
            return
        super().get_results(request)
        if self.result_count == 0:
            self.result_list = self.queryset.none()


@cache
def _checkbox(language: str | None) -> str:
    """Return the HTML that chooses a row, with the place of its id."""
    return str(checkbox.render(ACTION_CHECKBOX_NAME, "{}"))


class ListAdmin(CsvDownload, ModelAdmin):
    """The base of every model's pages. An empty list says `nothing_yet`, with `add_title` on the button that adds.

    `rights` maps each verb of the admin that is offered, "view", "add", "change" and "delete", to the right that it
    needs, and "act" to that of the list's actions. What is not in it is shut.
    """

    admin_site: Console
    rights: Mapping[str, Right] = {}
    nothing_yet = "There is nothing here yet."
    add_title = ""
    object_history_template = "console/history.html"
    show_full_result_count = False  # only what a search or a filter has found is counted

    @display(description="")
    def action_checkbox(self, obj: Model) -> str:
        """As Unfold's, which renders a template in each row; those were a tenth of a page's time."""
        return format_html(_checkbox(get_language()), obj.pk)

    def permits(self, request: HttpRequest, verb: str) -> bool:
        """Return whether the person has the right that `verb` needs here."""
        return self.rights.get(verb) in self.admin_site.rights_of(request)

    def offered_as(self, row: Any) -> str:
        """Return what choosers call `row`."""
        return str(row)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.permits(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.permits(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.permits(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.permits(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.permits(request, "delete")

    def has_act_permission(self, request: HttpRequest) -> bool:
        return self.permits(request, "act")

    def get_urls(self) -> list[URLPattern]:
        """Return the admin's own pages, each with the right of its verb; whoever adds one guards it."""
        urls: list[URLPattern] = super().get_urls()
        for pattern in urls:
            page = str(pattern.name or "").rpartition("_")[2]
            if page in PAGES:
                get, post = (self.rights.get(verb) for verb in PAGES[page])
                declare(pattern.callback, Rights(get, post))
        return urls

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """Leave out what is filtered by rows that the person may not see."""
        return [each for each in super().get_list_filter(request) if self._may_choose(each, request)]

    def _may_choose(self, named: Any, request: HttpRequest) -> bool:
        if isinstance(named, str) or callable(named) or not issubclass(named[1], RelatedFieldListFilter):
            return True
        field: Any = get_fields_from_path(self.model, named[0])[-1]
        return bool(self.admin_site.get_model_admin(field.remote_field.model).has_view_permission(request))

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """Look for the first words alone: each is compared with every column, and SQLite takes some 250 of them."""
        words = search_term[:SEARCHED_CHARS].split()[:SEARCHED_WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FilteredList

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Name the list as the menu does, and give a count only where something was looked for."""
        changelist: ChangeList = super().get_changelist_instance(request)
        changelist.title = capfirst(str(self.opts.verbose_name_plural))
        if not (changelist.query or changelist.has_active_filters):
            changelist.full_result_count = changelist.result_count
        changelist.show_admin_actions = bool(changelist.result_count)
        return changelist

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a form with mistakes with `INVALID`, as the consoles' own pages do."""
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and (response.context_data or {}).get("errors"):
            response.status_code = INVALID
        return response

    def response_action(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponseBase | None:
        """Do an action with the chosen rows. Raises `BadRequest` for what can be the id of none."""
        if not all(may_be_id(self.model, chosen) for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("These are no rows of this list.")
        return super().response_action(request, queryset)

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Leave out JSON as it is stored, which Unfold shows in colours of inline styles."""
        stored = [field.name for field in self.opts.concrete_fields if isinstance(field, JSONField)]
        return [*(super().get_exclude(request, obj) or ()), *stored]

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Show what was made: its route, its invitation."""
        return redirect(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", TolerantSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", TolerantSelectMultiple(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class ReadOnlyAdmin(ListAdmin):
    """A list to read: it shows what its queryset holds, and only actions of its own change anything."""

    rights: Mapping[str, Right] = {"view": Right.SEE}

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_view_permission(request, obj)
        return allowed and (obj is None or self.get_queryset(request).filter(pk=obj.pk).exists())


class TolerantMixin(AutocompleteMixin):
    """Leave out of what is shown as chosen whatever cannot be an id; the field itself says that it is wrong."""

    field: "ForeignKey[Any, Any] | ManyToManyField[Any, Any]"

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> Any:
        model = self.field.remote_field.model
        return super().optgroups(name, [each for each in value if not each or may_be_id(model, each)], attrs)


class TolerantSelect(TolerantMixin, AutocompleteSelect):
    """A chooser of one row."""


class TolerantSelectMultiple(TolerantMixin, AutocompleteSelectMultiple):
    """A chooser of several rows."""
