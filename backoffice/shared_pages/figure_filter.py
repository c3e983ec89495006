"""The filter of the delivery log that a figure's link asks for: exactly the deliveries that the figure counts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format

from backoffice.console.ids import may_be_id
from delivery.figures.reading import Bar, Kind
from delivery.models import Delivery
from whitelabel.models import Application, WhiteLabel

KIND, SINCE, BEFORE, TENANT, APPLICATION = "figure", "since", "before", "of_white_label", "of_application"
PARAMETERS = (KIND, SINCE, BEFORE, TENANT, APPLICATION)
OF = {"tenant": TENANT, "application": APPLICATION}
HOUR = "%Y-%m-%dT%HZ"


def query_of(kind: Kind, bar: Bar, of: Mapping[str, int]) -> str:
    """Return the query of the list of what `bar` counts as `kind`, of an application or a tenant (their ids)."""
    ends = {SINCE: bar.begin.strftime(HOUR), BEFORE: bar.end.strftime(HOUR)}
    return "?" + urlencode({KIND: kind.name.lower(), **ends, **{OF[name]: pk for name, pk in of.items()}})


class FigureFilter(ListFilter):
    """There only where a link asks for it; its times are hours of UTC, as those of the figures are."""

    title = "figure"
    template = "console/delivery_log/figure_filter.html"
    parameter_names = PARAMETERS

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.used_parameters = {name: params.pop(name)[-1] for name in PARAMETERS if name in params}

    def has_output(self) -> bool:
        return bool(self.used_parameters)

    def expected_parameters(self) -> list[str | None]:
        return list(PARAMETERS)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield nothing to choose: the template keeps what was asked for."""
        return iter(())

    @property
    def query_without(self) -> str:
        """Return the query of the list without what this filter takes."""
        others = self.request.GET.copy()
        for name in PARAMETERS:
            others.pop(name, None)
        return f"?{others.urlencode()}"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Delivery]") -> "QuerySet[Delivery]":
        """Raises `IncorrectLookupParameters` for what is no figure."""
        conditions: dict[str, Any] = {}
        if kind := self.kind:
            conditions["status__in"] = kind.value
        for name, lookup in ((SINCE, "accepted_at__gte"), (BEFORE, "accepted_at__lt")):
            if at := self._hour(name):
                conditions[lookup] = at
        if (tenant := self._id(TENANT, WhiteLabel)) is not None:
            conditions["tenant"] = tenant
        if (application := self._id(APPLICATION, Application)) is not None:
            conditions |= {"application": application} if application else {"application__isnull": True}
        return queryset.filter(**conditions)

    @property
    def kind(self) -> Kind | None:
        typed = str(self.used_parameters.get(KIND, ""))
        if typed and typed.upper() not in Kind.__members__:
            raise IncorrectLookupParameters
        return Kind[typed.upper()] if typed else None

    @property
    def sentence(self) -> str:
        what = self.kind.label if self.kind else "Accepted"
        ends = [
            f"{word} {_in_words(at)}" for word, at in (("from", self._hour(SINCE)), ("to", self._hour(BEFORE))) if at
        ]
        return f"{what}: accepted {' '.join(ends)} UTC" if ends else what

    def _hour(self, name: str) -> datetime | None:
        typed = str(self.used_parameters.get(name, ""))
        if not typed:
            return None
        try:
            return datetime.strptime(typed, HOUR).replace(tzinfo=UTC)
        except ValueError as error:
            raise IncorrectLookupParameters from error

    def _id(self, name: str, model: Any) -> int | None:
        typed = str(self.used_parameters.get(name, ""))
        if not typed:
            return None
        if typed != "0" and not may_be_id(model, typed):
            raise IncorrectLookupParameters
        return int(typed)


def _in_words(at: datetime) -> str:
    return date_format(at, "j M Y, H:i")
