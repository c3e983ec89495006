"""An act on everything that the delivery log shows with its filters: asked first, then a job of a worker.

A worker reads the list as the person who asked sees it, a portion at a time, so that the number of statements grows
with the portions and not with the rows. Whoever loses their right meanwhile has it stopped. After some portions it goes
to the end of the queue, and of one white-label the jobs are done one after another: no mail waits for them.
"""

import logging
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from backoffice.console.ids import may_be_id
from backoffice.console.scope import SESSION_KEY, current_person, current_white_label
from backoffice.console.site import Console
from backoffice.shared_pages.delivery_list import counted
from delivery.log.pages import Key, Reader
from delivery.models import BulkAct, Delivery
from delivery.outbox import broker
from delivery.outbox.wakeups import wake_on_commit
from people.reading import as_read_by
from people.roles import Right
from tables.statement_limit import limited

if TYPE_CHECKING:
    from backoffice.shared_pages.delivery_log import DeliveryLog

TASK = "backoffice.tasks.run_bulk_act"
PORTION = 500
PORTIONS_AT_ONCE = 10  # then others have their turn at the worker
TRIES = 3  # of a portion
STATEMENT_MILLISECONDS = 8_000  # the few of a portion that may take long take less than a lease together
PATIENCE_MILLISECONDS = 5_000  # that a search looks far away; the next portion goes on from there
CONSOLES = {
    True: "backoffice.owner_console.site.owner_console",
    False: "backoffice.whitelabel_console.site.whitelabel_console",
}
NO_RIGHT = "{person} may not do this any more."
NO_LIST = "The list cannot be filtered like this any more."
FAILED = "Something went wrong, several times. What was done stays done; you can choose the rest in the list again."

logger = logging.getLogger(__name__)


def is_about_all(request: HttpRequest) -> bool:
    """Return whether all rows of the list were chosen, and not only some of the page, as the admin reads it."""
    return bool(ActionForm.base_fields["select_across"].clean(request.POST.get("select_across")))


def perform(act: str, chosen: QuerySet[Delivery], who: str) -> tuple[int, int]:
    """Do it with the chosen at once, in a few statements; return with how many, of how many."""
    ids = list(chosen.order_by().values_list("pk", flat=True))
    rows = Delivery.objects.filter(pk__in=ids)
    if act == BulkAct.Act.CANCEL:
        return rows.cancel(f"Cancelled by {who}."), len(ids)
    done = rows.retry()
    for server_key in rows.filter(status=Delivery.Status.QUEUED).server_keys():
        wake_on_commit(server_key)
    return done, len(ids)


def ask(log: "DeliveryLog", request: HttpRequest, act: BulkAct.Act) -> HttpResponse:
    """Say how many it is about; once that is agreed to, have a worker begin and show how far it is."""
    newest, listed = _newest(log, request), log.reader(request)
    reader = replace(listed, rows=listed.rows.filter(pk__lte=newest))
    first = reader.page(1)
    if not first and first.cut_at is None:
        flash.info(request, "Nothing was changed: nothing matches any more.")
        return redirect(request.get_full_path())
    count = reader.count()
    if request.POST.get("agreed") != "1":
        context = {
            "title": f"{act.label}: all that the list shows",
            "act": act,
            "action": request.POST["action"],
            "count": None if count is None else counted(count),
            "is_search": reader.search is not None,
            "checkbox": ACTION_CHECKBOX_NAME,
            "newest": newest,
            "back": request.get_full_path(),
        }
        return log.admin_site.render(request, "console/delivery_log/bulk_ask.html", context)
    bulk = BulkAct.objects.create(
        act=act,
        person=current_person(request),
        white_label=None if log.admin_site.name == "owner" else current_white_label(request),
        query=request.GET.urlencode(),
        newest=newest,
        total=count if count is not None and counted(count).is_exact else None,
    )
    transaction.on_commit(lambda: broker.start(TASK, bulk.pk))
    return redirect(f"{log.admin_site.name}:delivery_delivery_bulk", bulk.pk)


def _newest(log: "DeliveryLog", request: HttpRequest) -> int:
    """Return the highest id of what the person may see, or the lower one that was the highest when they were asked.

    In the order of the log it may be some rows down: a clock may go behind, or a transaction take its time.
    """
    newest = max(Reader(log.get_queryset(request)).page(PORTION), default=0)
    asked = request.POST.get("newest", "")
    return min(newest, int(asked)) if may_be_id(Delivery, asked) else newest


def urls(log: "DeliveryLog") -> list[URLPattern]:
    """Return the addresses of a job's page and of the button that stops it."""

    def page(request: HttpRequest, bulk_id: int) -> HttpResponse:
        bulk = _find(log, request, bulk_id)
        context = {"title": f"{bulk.get_act_display()}: all that the list showed", "bulk": bulk}
        return log.admin_site.render(request, "console/delivery_log/bulk.html", {**context, **_addresses(log, bulk)})

    def stop(request: HttpRequest, bulk_id: int) -> HttpResponse:
        bulk = _find(log, request, bulk_id)
        if bulk.ask_to_stop(str(request.user)):
            flash.success(request, "It stops after the messages that it is at. What was done stays done.")
        return redirect(f"{log.admin_site.name}:delivery_delivery_bulk", bulk.pk)

    site = log.admin_site
    return [
        path("bulk/<int:bulk_id>/", site.guarded(page, get=Right.HANDLE_MAIL), name="delivery_delivery_bulk"),
        path(
            "bulk/<int:bulk_id>/stop/", site.guarded(stop, post=Right.HANDLE_MAIL), name="delivery_delivery_bulk_stop"
        ),
    ]


def run(pk: int) -> None:
    """Do some portions of it, unless another worker is at it; what is left then comes in its turn."""
    bulk = BulkAct.objects.select_related("person", "white_label").filter(pk=pk).first()
    if bulk is None or not bulk.claim():
        return
    try:
        if _has_more(bulk):
            bulk.pause()
            broker.start(TASK, bulk.pk)
            return
    except Exception:
        logger.exception("The act %s on all of a list failed, try %s of %s.", bulk.pk, bulk.tries, TRIES)
        if bulk.tries < TRIES:
            return  # it is started again when the lease is over
        bulk.failure = FAILED
    bulk.finish()
    if following := BulkAct.objects.waiting().filter(white_label=bulk.white_label_id).order_by("pk").first():
        broker.start(TASK, following.pk)


def _has_more(bulk: BulkAct) -> bool:
    """Do some portions; return whether it goes on after them."""
    return not bulk.stop_asked_by and all(_do_portion(bulk) for _ in range(PORTIONS_AT_ONCE))


def _do_portion(bulk: BulkAct) -> bool:
    """Do it with the next rows; return whether to go on. Reading them, and doing it, each take less than a lease."""
    with limited(STATEMENT_MILLISECONDS):
        with as_read_by(bulk.person):  # times of a filter are the reader's
            ids, place = _next_portion(bulk)
        if place is None or not bulk.renew():
            return False
        done, seen = perform(bulk.act, Delivery.objects.filter(pk__in=ids), str(bulk.person))
    return bulk.note_portion(seen, done, place)


def _next_portion(bulk: BulkAct) -> tuple[list[int], Key | None]:
    """Return which rows come next, and the place to go on from; none, and why, where it may not go on."""
    log, request = _log_of(bulk), _request_of(bulk)
    if not _may_go_on(bulk, log, request):
        bulk.failure = NO_RIGHT.format(person=bulk.person)
        return [], None
    try:
        listed = log.reader(request)
    except (IncorrectLookupParameters, DisallowedModelAdminLookup):
        bulk.failure = NO_LIST
        return [], None
    rows = listed.rows.filter(pk__lte=bulk.newest)
    return replace(listed, rows=rows, patience_ms=PATIENCE_MILLISECONDS).portion(PORTION, bulk.place)


def _may_go_on(bulk: BulkAct, log: "DeliveryLog", request: HttpRequest) -> bool:
    """Return whether the person still may, and there: of a white-label that is theirs no more they see another one."""
    if not (bulk.person.is_active and log.admin_site.has_permission(request) and log.permits(request, "act")):
        return False
    return bulk.white_label is None or current_white_label(request) == bulk.white_label


def _log_of(bulk: BulkAct) -> "DeliveryLog":
    module, _, name = CONSOLES[bulk.white_label is None].rpartition(".")
    console: Console = getattr(import_module(module), name)
    log: DeliveryLog = console.get_model_admin(Delivery)
    return log


def _request_of(bulk: BulkAct) -> HttpRequest:
    """Return a request for the list as the person asked for it."""
    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(bulk.query)
    request.META = {"SERVER_NAME": settings.ALLOWED_HOSTS[0], "SERVER_PORT": "80"}
    request.user = bulk.person
    request.session = {SESSION_KEY: bulk.white_label.pk} if bulk.white_label else {}  # type: ignore[assignment]
    request.console = _log_of(bulk).admin_site  # type: ignore[attr-defined]
    return request


def _find(log: "DeliveryLog", request: HttpRequest, bulk_id: int) -> BulkAct:
    here = BulkAct.objects.visible_to(request.user).select_related("person")
    if log.admin_site.name != "owner":
        here = here.filter(white_label=current_white_label(request))
    return get_object_or_404(here, pk=bulk_id)


def _addresses(log: "DeliveryLog", bulk: BulkAct) -> dict[str, Any]:
    name = log.admin_site.name
    return {
        "stop_name": f"{name}:delivery_delivery_bulk_stop",
        "list_name": f"{name}:delivery_delivery_changelist",
    }
