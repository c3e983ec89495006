"""Keep a white-label admin inside their own white-labels: what is not allowed here by name is denied."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from backoffice.console.admin import ReadOnlyAdmin
from backoffice.console.ids import may_be_id
from backoffice.console.middleware import note_refused
from backoffice.console.scope import current_white_label

ENDS = ("", "__exact", "__in", "__isnull", "__gt", "__gte", "__lt", "__lte", "__id__exact")
RANGE_ENDS = ("_from", "_from_0", "_from_1", "_to", "_to_0", "_to_1")  # parameters of Unfold's range filters


class ScopedModelAdmin(ReadOnlyAdmin):
    """Read-only and scoped to the white-label the person works in; a foreign id answers 404 as an absent one does.

    `white_label_path` is the lookup that leads from the model to its white-label.
    """

    white_label_path = "white_label"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible = super().get_queryset(request).visible_to(request.user)
        return visible.filter(**{self.white_label_path: current_white_label(request).pk})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        return row

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        """Do an action with the chosen rows; those of somebody else are passed over, and counted."""
        chosen = {typed for typed in request.POST.getlist(ACTION_CHECKBOX_NAME) if may_be_id(self.model, typed)}
        theirs = len(chosen) > self.get_queryset(request).filter(pk__in=chosen).count()
        response = super().response_action(request, queryset)
        if theirs:
            note_refused(request)
        return response

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Offer nothing unless the class names a scoped queryset itself."""
        kwargs.setdefault("queryset", db_field.remote_field.model._default_manager.none())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only what the class's own filters ask for, never a path into another model."""
        made = [entry for entry in self.list_filter if callable(entry)]
        if any(lookup in (getattr(entry, "parameter_names", None) or [entry.parameter_name]) for entry in made):
            return True
        named = (entry if isinstance(entry, str) else entry[0] for entry in self.list_filter if not callable(entry))
        return any(lookup.removeprefix(name) in (*ENDS, *RANGE_ENDS) for name in named)
