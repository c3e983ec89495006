"""The delivery log of both consoles: every mail, where it stands, the route it took and why, each try."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.decorators import action, display

from backoffice.console.admin import ReadOnlyAdmin
from backoffice.console.csv_download import ROWS_AT_ONCE
from backoffice.console.filters import TimeRange
from backoffice.console.ids import may_be_id
from backoffice.shared_pages import bulk_acts
from backoffice.shared_pages.delivery_list import PLACES, DeliveryList, PageOfLog
from backoffice.shared_pages.figure_filter import FigureFilter
from backoffice.shared_pages.message_content import content_page, download, html_page
from backoffice.shared_pages.route_picture import Way, domain_link, route_picture
from delivery.log.pages import Reader
from delivery.log.terms import mark_of_application
from delivery.models import BulkAct, Delivery, Suppression
from delivery.outbox.release import release_address
from delivery.outbox.wakeups import wake_on_commit
from delivery.schedule import is_scheduled
from gateway.models import Key
from people.roles import Right
from whitelabel.routing import Address, Route, route_for

LABELS = {
    "QUEUED": "info",
    "SENDING": "info",
    "SENT": "success",
    "DEFERRED": "warning",
    "HELD": "warning",
    "UNCERTAIN": "warning",
    "FAILED": "danger",
    "EXPIRED": "danger",
}
ON_ITS_WAY = (Delivery.Status.QUEUED, Delivery.Status.SENDING)  # the page looks again until it is something else
SUBJECT_CHARS, WHY_CHARS = 60, 90
PROBLEMS_SHOWN = 5
APPLICATION = "application__id__exact"
GIVEN_AWAY = "An application that another white-label has now"
GONE = (
    "It cannot be sent again: its content was deleted, {days} days after it was to leave or, of codes and links, once "
    "it was sent."
)


class DeliveryLog(ReadOnlyAdmin):
    """Read-only but for two acts: send again now, and cancel. A console adds what it may filter by.

    `hides_platform` leaves out the host of a server that is not the reader's.
    """

    rights = {"view": Right.SEE, "act": Right.HANDLE_MAIL}
    hides_platform = False
    nothing_yet = "No mail has been accepted yet. Each one comes here at once, with its route and what became of it."
    list_display: Any = ("mail", "status_label", "next_try", "app", "white_label", "why_short", "accepted")
    list_display_links = ("mail",)
    list_filter: Any = (
        ("status", ChoicesDropdownFilter),
        ("possible_duplicate", BooleanRadioFilter),
        ("accepted_at", TimeRange),
        FigureFilter,
    )
    list_filter_submit = True
    list_before_template = "console/delivery_log/counted.html"
    search_fields = ("recipient",)  # shows the field; what is found, `delivery.log.search` says
    search_help_text = "Recipient, whole word, or Message-ID"
    sortable_by = ()  # the log has one order
    list_per_page = 40
    actions = ("retry_selected", "cancel_selected")
    csv_columns: Any = {
        "Id": "pk",
        "E-mail": "email_id",
        "Message-ID": "email.message_id",
        "Recipient": "recipient",
        "Subject": "email.subject",
        "Status": "get_status_display",
        "Why": "status_reason",
        "Application": "app",
        "White-label": "email.white_label",
        "Accepted": "accepted_at",
        "Next try": "due_at",
        "Finished": "finished_at",
        "Possible duplicate": "possible_duplicate",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        together = self.visible(request).select_related("email__application__owner", "email__white_label")
        return together.defer("email__content", "email__terms")

    def visible(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Return the mail that the reader may see here."""
        raise NotImplementedError

    def is_given_away(self, delivery: Delivery) -> bool:
        """Return whether the application is another white-label's by now, whose owner, name and route are not the
        reader's to know."""
        application = delivery.email.application
        return self.hides_platform and application is not None and application.white_label_id != delivery.tenant

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DeliveryList]:
        return DeliveryList

    def reader(self, request: HttpRequest) -> Reader:
        """Return what reads all rows of the list, through the indexes of the log."""
        listed: Any = self.whole_list(request)
        reader: Reader = listed.reader
        return reader

    def csv_ids(self, changelist: Any) -> Iterator[list[int]]:
        """Yield them as the log is read, through its indexes."""
        reader: Reader = changelist.reader
        return reader.chunks(ROWS_AT_ONCE)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show a page of the log; which one is no filter, and goes into no link but those to other pages."""
        asked = request.GET.copy()
        request.page_of_log = PageOfLog.of({name: asked.pop(name)[-1] for name in PLACES if name in asked})  # type: ignore[attr-defined]
        request.GET = asked  # type: ignore[assignment]
        return super().changelist_view(request, {"module_name": "mails", **(extra_context or {})})

    def get_marks(self, request: HttpRequest, filters: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """Return the terms that every message has which `filters` leave in the list: see `delivery.log.terms`."""
        return tuple(map(mark_of_application, filters.get(APPLICATION, ())))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.guarded(self.act_view, post=Right.HANDLE_MAIL)
        acts = [
            path(f"<int:object_id>/{act}/", view, {"act": act}, name=f"delivery_delivery_{act}")
            for act in ("retry", "cancel", "release")
        ]
        read = self.admin_site.guarded(self.content_view, get=Right.HANDLE_MAIL)
        parts = [
            path(f"<int:object_id>/{address}/", read, {"part": part}, name=f"delivery_delivery_{part}")
            for part, address in (("content", "message"), ("html", "message/html"), ("download", "message/file"))
        ]
        return [*acts, *parts, *bulk_acts.urls(self), *super().get_urls()]

    @display(description="Mail", header=True)
    def mail(self, delivery: Delivery) -> list[str]:
        return [shortened(str(delivery.email), SUBJECT_CHARS), delivery.recipient]

    @display(description="Status", label=LABELS)
    def status_label(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description="Next try")
    def next_try(self, delivery: Delivery) -> str:
        """Return the time of the day, with the day where it is not today."""
        if delivery.due_at is None or delivery.status not in Delivery.WAITING:
            return "–"
        if delivery.due_at <= timezone.now():
            return "now"
        due = timezone.localtime(delivery.due_at)
        return date_format(due, "H:i T" if due.date() == timezone.localdate() else "j M, H:i T")

    @display(description="Application")
    def app(self, delivery: Delivery) -> str:
        return GIVEN_AWAY if self.is_given_away(delivery) else str(delivery.email.application or "The platform")

    @display(description="White-label")
    def white_label(self, delivery: Delivery) -> str:
        return str(delivery.email.white_label or "–")

    @display(description="Why")
    def why_short(self, delivery: Delivery) -> str:
        """Return why it stands where it stands; that a server took it is no news."""
        is_news = delivery.status_reason and delivery.status != Delivery.Status.SENT
        return shortened(delivery.status_reason, WHY_CHARS) if is_news else "–"

    @display(description="Accepted")
    def accepted(self, delivery: Delivery) -> Any:
        return delivery.accepted_at

    @action(description="Send again now", permissions=["act"])
    def retry_selected(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
        if bulk_acts.is_about_all(request):
            return bulk_acts.ask(self, request, BulkAct.Act.RETRY)
        done, asked = bulk_acts.perform(BulkAct.Act.RETRY, chosen, str(request.user))
        flash.info(request, _count(done, asked, "will be sent again now", "need no new try"))
        return None

    @action(description="Cancel", permissions=["act"])
    def cancel_selected(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
        if bulk_acts.is_about_all(request):
            return bulk_acts.ask(self, request, BulkAct.Act.CANCEL)
        done, asked = bulk_acts.perform(BulkAct.Act.CANCEL, chosen, str(request.user))
        flash.info(request, _count(done, asked, "cancelled", "had left already or were on their way"))
        return None

    def act_view(self, request: HttpRequest, object_id: int, act: str) -> HttpResponse:
        """Do what a button of the page of a delivery asks for."""
        delivery = self._visible(request, object_id)
        {"retry": self.retry, "cancel": self.cancel, "release": self.release}[act](request, delivery)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:delivery_delivery_change", args=[delivery.pk]))

    def content_view(self, request: HttpRequest, object_id: int, part: str) -> HttpResponse:
        """Show the message, its HTML alone, or give it as a file."""
        delivery = self._visible(request, object_id)
        if part == "content":
            return content_page(request, self.admin_site, delivery)
        return html_page(request, delivery) if part == "html" else download(request, delivery)

    def retry(self, request: HttpRequest, delivery: Delivery) -> None:
        if _retry(delivery):
            when = "waits for its time again" if is_scheduled(delivery.email) else "is sent again now"
            flash.success(request, f"The mail {when}.")
        elif delivery.retryable and delivery.lacks_content:
            flash.warning(request, GONE.format(days=settings.CONTENT_DAYS))
        else:
            flash.warning(request, f"Nothing was changed: the mail is {delivery.get_status_display().lower()}.")

    def cancel(self, request: HttpRequest, delivery: Delivery) -> None:
        if delivery.cancel(f"Cancelled by {request.user}."):
            flash.success(request, "The mail is cancelled and will not be sent.")
        else:
            flash.warning(request, f"Too late to cancel: the mail is {delivery.get_status_display().lower()}.")

    def release(self, request: HttpRequest, delivery: Delivery) -> None:
        """Take the recipient off the list of suppressed addresses."""
        if suppression := Suppression.objects.visible_to(request.user).of(delivery):
            release_address(suppression)
            flash.success(request, f"{suppression} is allowed again.")
        else:
            flash.warning(request, "Nothing was changed: the address is not suppressed.")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one delivery: where it stands, which route applies now, and each try."""
        delivery = self._visible(request, object_id)
        attempts = list(delivery.attempts.order_by("id"))
        given_away = self.is_given_away(delivery)
        route = None if delivery.finished_at or given_away else _route_now(delivery)
        way = Way.of_route(route) if route else Way.of_attempt(attempts[-1]) if attempts and not given_away else None
        context = {
            "title": str(delivery.email),
            "model_admin": self,
            "delivery": delivery,
            "content_is_gone": delivery.retryable and delivery.lacks_content,
            "content_days": settings.CONTENT_DAYS,
            "on_its_way": delivery.status in ON_ITS_WAY and not is_scheduled(delivery.email),
            "suppression": Suppression.objects.visible_to(request.user).of(delivery),
            "attempts": attempts,
            "route": route,
            "nodes": route_picture(request, delivery, way, hide_platform=self.hides_platform) if way else [],
            "domain": domain_link(request, delivery, way) if way else None,
            "label": LABELS.get(delivery.status, ""),
            "scheduled": is_scheduled(delivery.email),
            "console_name": self.admin_site.name,
            "key": self._key(request, delivery),
            "hide_platform": self.hides_platform,
            "given_away": given_away,
            "may_read_content": Right.HANDLE_MAIL in self.admin_site.reads_of(request),
        }
        return self.admin_site.render(request, "console/delivery_log/delivery.html", context)

    def _key(self, request: HttpRequest, delivery: Delivery) -> Key | None:
        """Return the key that the mail came with, where the reader may see its page."""
        prefix = delivery.email.key_prefix
        keys: QuerySet[Key] = self.admin_site.get_model_admin(Key).get_queryset(request)
        return keys.filter(prefix=prefix).first() if prefix else None

    def _visible(self, request: HttpRequest, object_id: str | int) -> Delivery:
        """Return the delivery; 404 where it is absent or somebody else's."""
        if not may_be_id(Delivery, object_id):
            raise Http404
        return get_object_or_404(self.get_queryset(request), pk=object_id)


def latest_problems(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Return the newest that did not arrive, for the first page of a console."""
    newest = Reader(deliveries.filter(status__in=Delivery.PROBLEMS)).page(PROBLEMS_SHOWN)
    bad = Delivery.objects.filter(pk__in=newest).order_by("-accepted_at", "-pk")
    return bad.select_related("email__application").defer("email__content", "email__terms")


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _count(done: int, asked: int, became: str, others: str) -> str:
    """Return what became of those that were chosen, and of the others where there are any."""
    if not done:
        return f"Nothing was changed: the messages you chose {others}."
    return f"{done} of {asked} {became}; the others {others}." if done < asked else f"{done} {became}."


def _retry(delivery: Delivery) -> bool:
    if not delivery.retry():
        return False
    wake_on_commit(delivery.server_key)
    return True


def _route_now(delivery: Delivery) -> Route:
    email = delivery.email
    return route_for(email.application, Address(email.wanted_name, email.wanted_address))
