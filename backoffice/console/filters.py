"""Filters by a row that is searched for on the server, however many there are to choose from, and by time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm
from unfold.utils import parse_datetime_str

from backoffice.console.admin import TolerantSelect
from backoffice.console.ids import is_one_of

EARLIEST, LATEST = datetime(1970, 1, 2), datetime(2999, 12, 30)  # days and zones beside them are still times of Python


class ChooserForm(AutocompleteDropdownForm):
    """A chooser among the rows that the person may see: of others not even the name of a chosen one is shown."""

    widget = TolerantSelect

    def __init__(self, *, request: HttpRequest, name: str, field: Any, model_admin: Any, **kwargs: Any) -> None:
        super().__init__(request=request, name=name, field=field, model_admin=model_admin, **kwargs)
        chooser: Any = self.fields[name]
        chooser.queryset = _visible(model_admin, field, request)


class ChooserFilter(AutocompleteSelectFilter):
    """A filter by what a foreign key leads to."""

    form_class = ChooserForm


class Titled(FieldListFilter):
    """Beside a filter of a field whose name says little to who reads it: `own_title` stands behind "By"."""

    own_title = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.own_title


class TimeRange(Titled, RangeDateTimeFilter):
    """From when to when something was, in the reader's time zone; without a time of the day, by whole days."""

    own_title = "time"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.since:
            queryset = queryset.filter(**{f"{self.field_path}__gte": self.since})
        return queryset.filter(**{f"{self.field_path}__lte": self.until}) if self.until else queryset

    @property
    def since(self) -> datetime | None:
        return self._end("from", "00:00:00")

    @property
    def until(self) -> datetime | None:
        return self._end("to", "23:59:59.999999")

    def _end(self, which: str, of_whole_day: str) -> datetime | None:
        """Return an end of the range, None where it is open or no time."""
        day, at = (self.used_parameters.get(f"{self.parameter_name}_{which}_{part}") for part in (0, 1))
        found = parse_datetime_str(f"{day} {at or of_whole_day}") if day else None
        return make_aware(min(max(found, EARLIEST), LATEST)) if found else None


class ChooserParameter(SimpleListFilter):
    """A filter by a row that no foreign key of the list leads to; `chosen_from` is any that leads to such rows."""

    template = "unfold/filters/filters_field.html"
    chosen_from: "ForeignKey[Any, Any]"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.request, self.model_admin = request, model_admin

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, str]]:
        return []

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        chosen = self.value()
        if not chosen or not is_one_of(_visible(self.model_admin, self.chosen_from, request), chosen):
            return queryset
        return self.of(queryset, chosen)

    def of(self, queryset: "QuerySet[Any]", chosen: str) -> "QuerySet[Any]":
        """Return the rows of the list that belong to the chosen one, given by its id."""
        raise NotImplementedError

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        name = str(self.parameter_name)
        yield {
            "form": ChooserForm(
                request=self.request,
                name=name,
                label=f" By {self.title} ",
                choices=(),
                field=self.chosen_from,
                model_admin=self.model_admin,
                data={name: self.value()},
            )
        }


def _visible(model_admin: Any, field: Any, request: HttpRequest) -> "QuerySet[Any]":
    rows: QuerySet[Any] = model_admin.admin_site.get_model_admin(field.remote_field.model).get_queryset(request)
    return rows
