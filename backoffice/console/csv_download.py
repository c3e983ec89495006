"""Lists as files: CSV (RFC 4180) of every row that the filters and the search of a list leave, as a stream.

`CsvDownload` is for lists of the admin's, `CsvView` for those of pages.

The rows are read in chunks, each by its key from where the one before ended: however many there are, one chunk is in
memory, no statement takes long, and nothing stays open while somebody's line is slow. Whoever loses the right meanwhile
gets no further chunk.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop
from django.views.generic import View
from unfold.admin import ModelAdmin

from backoffice.audit.middleware import act_of, record_instead
from backoffice.console.scope import current_person, white_label_here
from backoffice.console.site import Console
from people.access import Rights, access_of
from people.audit_export import cell
from people.models import User
from people.reading import as_read_by
from people.roles import Right
from people.throttling import exceeded
from phrases.phrase import Phrase

ROWS_AT_ONCE = 500
MOST, WITHIN_SECONDS = 20, 3600  # downloads of one person
DOWNLOADED = gettext_noop("With these filters: %(filters)s")
FILTERS_CHARS = 500
MEDIA_TYPE = "text/csv; charset=utf-8"


class CsvDownload(ModelAdmin):
    """A list whose rows can be downloaded by whoever may see it.

    `csv_columns` maps the heading of each column to where its values are: an attribute of a row (`email.subject` of
    what it leads to), or a method of the list.
    """

    admin_site: Console
    rights: Mapping[str, Right]
    csv_columns: Mapping[str, str] = {}
    change_list_template = "console/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_csv"
        view = self.admin_site.guarded(self.csv_view, post=self.rights["view"])
        return [path("csv/", view, name=name), *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send the list as a file; that it was downloaded is an entry of the audit log. Raises `BadRequest`."""
        if refusal := refusal_of_too_many(self.admin_site, request):
            return refusal
        try:
            changelist = self.whole_list(request)
        except IncorrectLookupParameters as error:
            raise BadRequest("No list has such filters.") from error
        return file_of(request, str(self.opts.verbose_name_plural), self.csv_lines(request, changelist))

    def whole_list(self, request: HttpRequest) -> ChangeList:
        """Return the list for what is done with all its rows: no page of it is read, and nothing is counted."""
        request.wants_whole_list = True  # type: ignore[attr-defined]
        changelist: ChangeList = super().get_changelist_instance(request)
        return changelist

    def csv_lines(self, request: HttpRequest, changelist: ChangeList) -> Iterator[str]:
        """Yield the headings, then the lines of a chunk of rows at a time, in the person's language."""
        return lines_of(request, self.csv_columns, self.csv_chunks(request, changelist), self._value)

    def csv_chunks(self, request: HttpRequest, changelist: ChangeList) -> Iterator[list[Any]]:
        for ids in self.csv_ids(changelist):
            yield in_order(self.csv_rows(request), ids)

    def csv_ids(self, changelist: ChangeList) -> Iterator[list[Any]]:
        """Yield the ids of the rows that are listed, on all pages, in chunks."""
        return ids_of(changelist.queryset)

    def csv_rows(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows that may be listed, with what the columns read."""
        together = self.list_select_related
        rows = self.get_queryset(request)
        return rows.select_related(*together) if isinstance(together, list | tuple) and together else rows

    def _value(self, row: Model, name: str) -> object:
        return getattr(self, name)(row) if hasattr(self, name) else attribute_of(row, name)


def is_whole(request: HttpRequest) -> bool:
    """Return whether all rows of a list are asked for, and no page."""
    return getattr(request, "wants_whole_list", False)


class CsvView(View):
    """The file of a page's list: `chunks` yields its rows, some at a time; `columns` is as in `CsvDownload`."""

    console: Console
    called: str
    columns: Mapping[str, str]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if refusal := refusal_of_too_many(self.console, request):
            return refusal
        return file_of(request, self.called, lines_of(request, self.columns, self.chunks()))

    def chunks(self) -> Iterator[Sequence[object]]:
        raise NotImplementedError


def refusal_of_too_many(console: Console, request: HttpRequest) -> HttpResponseBase | None:
    """Return a page that has the person wait, where they have downloaded again and again."""
    if not exceeded(f"csv:{current_person(request).pk}", most=MOST, seconds=WITHIN_SECONDS):
        return None
    context = {"title": "Too many downloads", "most": MOST}
    return console.render(request, "console/too_many_downloads.html", context, status=429)


def file_of(request: HttpRequest, called: str, lines: Iterator[str]) -> HttpResponseBase:
    """Return the answer that is the file, and record it in place of what the middleware would: no row shows it."""
    detail = Phrase(DOWNLOADED, {"filters": request.GET.urlencode()[:FILTERS_CHARS]}) if request.GET else None
    match = request.resolver_match
    act = act_of(match.url_name or "" if match else "")
    record_instead(request, act, person=current_person(request), detail=detail)
    name = f"{slugify(called)}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type=MEDIA_TYPE, headers=headers)


def ids_of(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    """Yield the primary keys of `rows` in chunks, each read by its key from where the one before ended."""
    ids, last = rows.order_by("pk").values_list("pk", flat=True), None
    while some := list((ids if last is None else ids.filter(pk__gt=last))[:ROWS_AT_ONCE]):
        yield some
        last = some[-1]


def in_order(rows: "QuerySet[Any]", ids: Sequence[Any]) -> list[Any]:
    """Return the rows of `ids` in their order; some may be gone by now."""
    by_id = rows.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]


def attribute_of(row: object, name: str) -> object:
    """Return what an attribute of a row says, or of what it leads to: "email.subject"."""
    value: Any = row
    for part in name.split("."):
        value = getattr(value, part, None)
    return value() if callable(value) else value


def lines_of(
    request: HttpRequest,
    columns: Mapping[str, str],
    chunks: Iterator[Sequence[Any]],
    value_of: Callable[[Any, str], object] = attribute_of,
) -> Iterator[str]:
    """Yield the headings, then the lines of a chunk of rows at a time, in the person's language."""
    yield _lines([list(columns)])
    for rows in chunks:
        if not _still_may(request):
            return
        with as_read_by(current_person(request)):
            text = _lines([[_text(value_of(row, name)) for name in columns.values()] for row in rows])
        yield text


def _still_may(request: HttpRequest) -> bool:
    """Return whether the person may have the file now: a slow line can keep it open for days."""
    console, access = request.console, access_of(request.resolver_match.func)  # type: ignore[attr-defined, union-attr]
    now = HttpRequest()
    now.method, now.session, now.console = request.method, request.session, console  # type: ignore[attr-defined]
    now.user = User.objects.filter(pk=current_person(request).pk, is_active=True).first() or AnonymousUser()
    if not (isinstance(access, Rights) and console.has_permission(now) and access.post in console.rights_of(now)):
        return False
    return console.name == "owner" or white_label_here(now) == white_label_here(request)


def _lines(rows: Iterable[Iterable[str]]) -> str:
    file = StringIO(newline="")
    csv.writer(file).writerows([cell(text) for text in row] for row in rows)
    return file.getvalue()


def _text(value: object) -> str:
    """Return a value as people and programs read it: times as ISO 8601 in UTC, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
