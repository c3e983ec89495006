"""What an open page asks for by itself: the counts of the menu, and whether its first page has changed since."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backoffice.console.navigation import badge_of, capped
from delivery.figures.reading import PERIODS, Kind, course
from delivery.log.pages import Reader
from delivery.models import Attempt, Delivery


def answer(request: HttpRequest, counts: Mapping[str, int], newest: object) -> HttpResponse:
    """Render parts for htmx to put in their places; `counts` are by the names of the menu's pages."""
    badges = [{"badge_name": badge_of(name), "badge": capped(count)} for name, count in counts.items()]
    version = "-".join(map(str, (*counts.values(), newest)))
    return render(request, "console/live.html", {"badges": badges, "version": version})


def newest_everywhere() -> tuple[object, object]:
    """Return what changes where mail is accepted or tried; both are the last entry of an index."""
    return _last(Delivery.objects.all()), _last(Attempt.objects.all())


def newest_of(white_label: int) -> tuple[object, ...]:
    """The same of one white-label: its newest mail, by the index of its log, and the figures of the rest."""
    figures = course(PERIODS[-1], {"tenant": white_label}).whole.counts
    return (*Reader(Delivery.objects.filter(tenant=white_label)).page(1), *(figures[kind] for kind in Kind))


def _last(rows: "QuerySet[Any]") -> object:
    return rows.order_by("-pk").values_list("pk", flat=True).first()
