"""Import a list in CSV: upload it, see what it would do, agree, and watch it being applied."""

from functools import cache
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from backoffice.console.scope import current_person
from backoffice.console.views import INVALID
from backoffice.owner_console.site import owner_console
from delivery.outbox import broker
from gateway.choices import FileState, Kind
from gateway.models import ListFile
from gateway.provisioning import files
from gateway.provisioning.csv_list import BETWEEN_REFS, MAX_BYTES, REF
from gateway.provisioning.items import FIELDS
from people.models import User
from people.roles import Right
from whitelabel.models import Application, WhiteLabel

TASK = "gateway.tasks.apply_list"
SHOWN_FILES = 20
LATE_SECONDS = 60  # nobody has taken it up for so long
ADDRESSES = {
    Kind.PEOPLE: "owner:people_user_changelist",
    Kind.WHITE_LABELS: "owner:whitelabel_whitelabel_changelist",
    Kind.APPLICATIONS: "owner:whitelabel_application_changelist",
}
MODELS = {Kind.PEOPLE: User, Kind.WHITE_LABELS: WhiteLabel, Kind.APPLICATIONS: Application}


class ListFileForm(forms.Form):
    """Reading the file is part of being valid: `uploaded` is what came of it."""

    kind = forms.ChoiceField(
        label="What the file lists",
        choices=Kind.choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Import people first, then white-labels, then applications: each may refer to those before.",
    )
    file = forms.FileField(
        label="CSV file",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text=f"UTF-8, at most {MAX_BYTES // 1024 // 1024} MB. Nothing changes until you have seen it and agree.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.uploaded: ListFile | None = None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"The file may have at most {MAX_BYTES // 1024 // 1024} MB.")
        return file

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            file = values["file"]
            try:
                self.uploaded = files.upload(Kind(values["kind"]), file.name, file.read(), self.person)
            except ValidationError as error:
                self.add_error("file", error.messages)
        return values


@owner_console.page("import/", name="import_lists", get=Right.IMPORT_LISTS, post=Right.IMPORT_LISTS)
def lists(request: HttpRequest) -> HttpResponse:
    """Upload a list; see those of the last weeks."""
    posted = request.method == "POST"
    person = current_person(request)
    form = ListFileForm(person, request.POST, request.FILES) if posted else ListFileForm(person)
    if posted and form.is_valid() and form.uploaded:
        return redirect("owner:import_list", form.uploaded.pk)
    context = {
        "title": "Import",
        "form": form,
        "files": ListFile.objects.select_related("uploaded_by").defer("content")[:SHOWN_FILES],
        "columns": [(kind.label, ", ".join((REF, *names))) for kind, names in FIELDS.items()],
        "between": BETWEEN_REFS,
    }
    return owner_console.render(request, "owner_console/lists/lists.html", context, status=INVALID if posted else 200)


@owner_console.page("import/<int:pk>/", name="import_list", get=Right.IMPORT_LISTS)
def list_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a list would do, how far it is, or what it has done."""
    file = get_object_or_404(ListFile.objects.select_related("uploaded_by").defer("content"), pk=pk)
    context = {"title": f"Import of {file.name}", "file": file, **_context(file)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "owner_console/lists/state.html", context)
    return owner_console.render(request, "owner_console/lists/list.html", context)


@owner_console.page("import/<int:pk>/apply/", name="import_apply", post=Right.IMPORT_LISTS)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to what the page has shown (`seen`), or have a list that was given up tried again."""
    file = get_object_or_404(ListFile, pk=pk)
    is_shown = request.POST.get("seen") == file.seen
    by = current_person(request)
    if (is_shown and file.may_be_applied and file.agree(by)) or file.retry(by):
        transaction.on_commit(lambda: broker.start(TASK, pk))
    else:
        flash.warning(request, "Nothing was done: the list has changed since you looked, or is applied already.")
    return redirect("owner:import_list", pk)


@owner_console.page("import/<int:pk>/look/", name="import_look", post=Right.IMPORT_LISTS)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Find out anew what a list would do."""
    file = get_object_or_404(ListFile, pk=pk, state=FileState.READ)
    files.look(file)
    return redirect("owner:import_list", pk)


@owner_console.page("import/<int:pk>/discard/", name="import_discard", post=Right.IMPORT_LISTS)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a list that is not applied, or was given up."""
    file = get_object_or_404(ListFile, pk=pk)
    if file.discard():
        flash.success(request, f"{file} was discarded. Nothing was changed.")
        return redirect("owner:import_lists")
    flash.warning(request, f"{file} is applied already, or is being applied.")
    return redirect("owner:import_list", pk)


@cache
def _field_names(kind: Kind) -> dict[str, str]:
    """Return what the pages call the fields of a list."""
    meta = MODELS[kind]._meta
    names = {each.name: str(each.verbose_name) for each in (*meta.concrete_fields, *meta.many_to_many)}
    return names | {"is_active": "may sign in"}


def _context(file: ListFile) -> dict[str, Any]:
    kind = Kind(file.kind)
    progress = files.progress_of(file)
    done, total = progress or (0, 0)
    since = (timezone.now() - file.agreed_at).total_seconds() if file.agreed_at else 0
    summary: dict[str, Any] = file.summary
    names = _field_names(kind)
    changed = [
        (ref, called, [(names.get(name, name), *values) for name, *values in fields])
        for ref, called, fields in summary["changed"]
    ]
    return {
        "summary": summary,
        "changed": changed,
        "problems": [
            (line, ref, names.get(field, field), message) for line, ref, field, message in summary["problems"]
        ],
        "more": {name: summary[f"{name}_count"] - len(summary[name]) for name in ("created", "changed", "missing")},
        "more_problems": summary["problem_count"] - len(summary["problems"]),
        "waiting": file.state == FileState.WAITING and (progress is not None or not file.has_failed),
        "done": done,
        "total": total,
        "nobody_comes": total == 0 and since > LATE_SECONDS,
        "kind": kind.label.lower(),
        "address_name": ADDRESSES[kind],
    }
