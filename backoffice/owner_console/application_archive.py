"""Take an application out of use and bring it back: its log stays, which is why one with mail is never deleted."""

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from backoffice.audit.middleware import record
from backoffice.console.scope import current_person
from backoffice.owner_console.site import owner_console
from delivery.models import Delivery, Email
from delivery.outbox.release import release_applications
from gateway.models import Key
from people import audit
from people.models import User
from people.roles import Right
from whitelabel.models import Application

MANAGE = Right.MANAGE_APPLICATIONS
WHITE_LABEL_ARCHIVED = (
    "{white_label} is archived: give {application} to another white-label first, or restore that one."
)


@owner_console.page(
    "applications/<int:object_id>/archive/", name="whitelabel_application_archive", get=MANAGE, post=MANAGE
)
def archive(request: HttpRequest, object_id: int) -> HttpResponse:
    """Say what it does and to how much, then revoke its keys and archive it."""
    application = get_object_or_404(Application.objects.visible_to(request.user), pk=object_id)
    if application.is_archived:
        return _back_to(application)
    if request.method == "POST":
        revoked = _archive(request, application)
        keys = f" {revoked} key{'' if revoked == 1 else 's'} revoked." if revoked else ""
        flash.success(request, f"{application} is archived.{keys} Its log stays.")
        return _back_to(application)
    context = {"title": f"Archive {application}", "application": application, **_touched(application)}
    return owner_console.render(request, "owner_console/application/archive.html", context)


@owner_console.page("applications/<int:object_id>/restore/", name="whitelabel_application_restore", post=MANAGE)
def restore(request: HttpRequest, object_id: int) -> HttpResponse:
    """Take it into use again; its keys stay revoked, and mail that waited for it goes on."""
    application = get_object_or_404(Application.objects.visible_to(request.user), pk=object_id)
    try:
        _restore(application)
    except ValidationError as error:
        flash.error(request, " ".join(error.messages))
    else:
        flash.success(request, f"{application} is in use again. Make new keys for it: the former ones stay revoked.")
    return _back_to(application)


def is_in_use(application: Application) -> bool:
    """Return whether something is kept of it that must not go with it: its mail, and keys that programs have used."""
    used = Key.objects.filter(application=application, used_at__isnull=False)
    return Email.objects.filter(application=application).exists() or used.exists()


def _touched(application: Application) -> dict[str, Any]:
    waiting = Delivery.objects.filter(application=application, status__in=Delivery.WAITING)
    return {"keys": list(_keys(application)), "waiting": waiting.count()}


@transaction.atomic
def _archive(request: HttpRequest, application: Application) -> int:
    """Return how many keys were revoked."""
    person = current_person(request)
    keys = list(_keys(application))
    for key in keys:
        _revoke(request, key, person)
    application.archive()
    return len(keys)


def _revoke(request: HttpRequest, key: Key, person: User) -> None:
    before = audit.snapshot(key)
    key.revoke(by=person)
    changes = list(audit.differences(before, audit.snapshot(key)))
    concerns = {key.application.white_label_id} - {None} if key.application else set()
    record(request, "key.revoke", person=person, changes=changes, concerns=concerns)  # type: ignore[arg-type]


@transaction.atomic
def _restore(application: Application) -> None:
    if application.white_label and application.white_label.is_archived:
        white_label = application.white_label
        raise ValidationError(WHITE_LABEL_ARCHIVED.format(white_label=white_label, application=application))
    application.restore()
    application.save(update_fields=["archived_at"])
    release_applications([application])


def _keys(application: Application) -> Any:
    return Key.objects.filter(application=application, revoked_at=None).select_related("application")


def _back_to(application: Application) -> HttpResponse:
    return redirect("owner:whitelabel_application_change", application.pk)
