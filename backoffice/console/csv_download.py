"""Lists as files: CSV (RFC 4180) of every row that the filters and the search of a list leave, as a stream.

The rows are read in chunks, each by its key from where the one before ended: however many there are, one chunk is in
memory, no statement takes long, and nothing stays open while somebody's line is slow.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop
from unfold.admin import ModelAdmin

from backoffice.audit.middleware import act_of, record_instead
from backoffice.console.scope import current_person
from backoffice.console.site import Console
from people.audit_export import cell
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
        person = current_person(request)
        if exceeded(f"csv:{person.pk}", most=MOST, seconds=WITHIN_SECONDS):
            context = {"title": "Too many downloads", "most": MOST}
            return self.admin_site.render(request, "console/too_many_downloads.html", context, status=429)
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            raise BadRequest("No list has such filters.") from error
        self.note_download(request)
        called = f"{slugify(str(self.opts.verbose_name_plural))}-{timezone.now():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{called}"', "Cache-Control": "no-store"}
        lines = self.csv_lines(request, changelist)
        return StreamingHttpResponse(lines, content_type=MEDIA_TYPE, headers=headers)

    def note_download(self, request: HttpRequest) -> None:
        """Record it in place of what the middleware would: no row shows it."""
        detail = Phrase(DOWNLOADED, {"filters": request.GET.urlencode()[:FILTERS_CHARS]}) if request.GET else None
        match = request.resolver_match
        act = act_of(match.url_name or "" if match else "")
        record_instead(request, act, person=current_person(request), detail=detail)

    def csv_lines(self, request: HttpRequest, changelist: ChangeList) -> Iterator[str]:
        """Yield the headings, then the lines of a chunk of rows at a time, in the person's language."""
        yield _lines([list(self.csv_columns)])
        for ids in self.csv_ids(changelist):
            by_id = self.csv_rows(request).in_bulk(ids)
            rows = [by_id[pk] for pk in ids if pk in by_id]  # some may be gone by now
            with as_read_by(current_person(request)):
                text = _lines([[self._value(row, name) for name in self.csv_columns.values()] for row in rows])
            yield text

    def csv_ids(self, changelist: ChangeList) -> Iterator[list[Any]]:
        """Yield the ids of the rows that are listed, on all pages, in chunks."""
        ids, last = changelist.queryset.order_by("pk").values_list("pk", flat=True), None
        while some := list((ids if last is None else ids.filter(pk__gt=last))[:ROWS_AT_ONCE]):
            yield some
            last = some[-1]

    def csv_rows(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows that may be listed, with what the columns read."""
        together = self.list_select_related
        rows = self.get_queryset(request)
        return rows.select_related(*together) if isinstance(together, list | tuple) and together else rows

    def _value(self, row: Model, name: str) -> str:
        if hasattr(self, name):
            return _text(getattr(self, name)(row))
        value: Any = row
        for part in name.split("."):
            value = getattr(value, part, None)
        return _text(value() if callable(value) else value)


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
