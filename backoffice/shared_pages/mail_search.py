"""Messages in the search of both consoles: by their ids, or by the beginning of a recipient's address."""

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.http import HttpRequest
from django.urls import reverse

from backoffice.console.ids import may_be_id
from backoffice.console.search import SHOWN, Found, Hit, found
from backoffice.console.site import Console
from backoffice.shared_pages.delivery_log import DeliveryLog
from delivery.log.pages import Reader
from delivery.log.search import Search
from delivery.log.terms import typed_address
from delivery.models import Delivery
from people.roles import Right
from tables.statement_limit import is_cancelled, limited

KIND = "Mail"
BEGINNING_CHARS = 3
MOST_MILLISECONDS = 25  # of one statement, of up to four, for an address that many begin like
TOO_MANY = "Too many addresses begin like this: type more of it."


def search_mail_of(console: Console) -> None:
    """Have the search of a console find the mail that its delivery log shows."""

    @console.searched(KIND, Right.SEE)
    def find(request: HttpRequest, typed: str) -> Found:
        log = console.get_model_admin(Delivery)
        if not isinstance(log, DeliveryLog):
            raise ImproperlyConfigured(f"{log} is no delivery log.")
        try:
            ids = _ids(log, request, typed)
        except OperationalError as error:
            if not is_cancelled(error):
                raise
            return Found(KIND, (), TOO_MANY)
        by_id = log.get_queryset(request).in_bulk(ids)
        return found(KIND, (_hit(console, by_id[pk]) for pk in ids if pk in by_id))


def _ids(log: DeliveryLog, request: HttpRequest, typed: str) -> list[int]:
    """Return the ids of up to one more than is shown, the newest first. Raises `OperationalError` where it is cut."""
    rows = log.get_queryset(request)
    if typed.isascii() and typed.isdecimal() and may_be_id(Delivery, typed):
        return list(rows.filter(pk=typed).values_list("pk", flat=True))
    beginning = typed_address(typed)
    if len(beginning) < BEGINNING_CHARS or " " in beginning:
        return []
    with limited(MOST_MILLISECONDS):
        return Reader(rows, Search(typed, (), (beginning,)), marks=log.get_marks(request, {})).page(SHOWN + 1)


def _hit(console: Console, delivery: Delivery) -> Hit:
    link = reverse(f"{console.name}:delivery_delivery_change", args=[delivery.pk])
    about = f"{delivery.email}, {delivery.get_status_display().lower()}"
    return Hit(delivery.recipient, link, about, "outgoing_mail")
