"""The daily digest: in the morning where somebody is, one e-mail with what they did not want to be told at once.

One for each white-label that somebody looks after, and one for the platform: each wears its brand.
"""

import logging
from datetime import UTC, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from messages.models import Mailbox
from notifications import sending
from notifications.notification import Entry, Link, Notification
from people.models import NoticeKind, Timing, User
from people.reading import as_read_by
from people.time_zones import zone
from tables.one_by_one import do_for_each
from whitelabel import mail_brand
from whitelabel.correspondence import addressed, is_behind, link_to
from whitelabel.models import DigestItem

logger = logging.getLogger(__name__)

MORNING = time(7)
MOST_ENTRIES = 50


def send_due(now: datetime) -> None:
    """Send every digest with something that was there when the latest morning came where its reader is."""
    waiting = DigestItem.objects.order_by().values_list("person", "mailbox", "person__time_zone")
    due = [
        (person, mailbox, until)
        for person, mailbox, time_zone, first in waiting.annotate(first=Min("at"))
        if first < (until := latest_morning(now, time_zone))
    ]
    do_for_each(due, _send)


def latest_morning(now: datetime, time_zone: str) -> datetime:
    """Return when it was last `MORNING` in the zone, at `now` or before."""
    here = now.astimezone(zone(time_zone))
    today = here.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0, fold=0)
    morning = today if today.astimezone(UTC) <= now else today - timedelta(days=1)
    return morning.astimezone(UTC)


@transaction.atomic
def _send(due: tuple[int, int, datetime]) -> None:
    """Send one digest, whose items go with its way into the outbox: it is sent once, or its items stay."""
    person_id, mailbox_id, until = due
    rows = DigestItem.objects.select_for_update().filter(person=person_id, mailbox=mailbox_id, at__lt=until)
    items = list(rows)
    if not items:  # another process has sent it
        return
    DigestItem.objects.filter(pk__in=[item.pk for item in items]).delete()
    mailbox = Mailbox.objects.get(pk=mailbox_id)
    person = User.objects.filter(is_behind(mailbox), pk=person_id, is_active=True).first()
    wanted = [item for item in items if person and person.timing_of(NoticeKind(item.kind)) != Timing.NEVER]
    if person and wanted:
        with as_read_by(person):
            _send_to(person, mailbox, wanted)


def _send_to(person: User, mailbox: Mailbox, items: list[DigestItem]) -> None:
    try:
        sending.send(addressed(_notification(mailbox, items), person, mailbox), person.email)
    except ValidationError as refused:  # as of an address that somebody wrote into the database
        logger.error("The digest cannot be sent to %s: %s", person, refused)


def _notification(mailbox: Mailbox, items: list[DigestItem]) -> Notification:
    brand, more = mail_brand.of_mailbox(mailbox), len(items) - MOST_ENTRIES
    news = "one thing is new" if len(items) == 1 else f"{len(items)} things are new"
    return Notification(
        subject=f"{brand.name}: {news}",
        text=f"Since the last digest, {news}.",
        entries=tuple(
            Entry(item.subject, item.text, Link(item.link_label, item.link), timezone.localtime(item.at), item.quote)
            for item in items[:MOST_ENTRIES]
        ),
        button=Link("Open the console", link_to(mailbox, mailbox)),
        below=f"{more:,} more are in the console." if more > 0 else "",
        reason="",
        brand=brand,
    )
