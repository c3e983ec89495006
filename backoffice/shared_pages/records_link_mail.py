"""The e-mail that brings a link to a domain's records: a fixed text, so that nobody sends their own words with it."""

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format

from backoffice.accounts.adapter import urgent_connection
from notifications.notification import Link, Notification
from notifications.sending import send
from people.models import User
from people.roles import Right, may
from smtp_settings.models import Communication
from whitelabel.models import RecordsLink
from whitelabel.models.records_link import DAYS

TEXT = """\
{brand} asks you to publish DNS records for {domain}, so that its e-mail can be sent from this domain.

The records, with buttons to copy them and what DNS shows of them, are here."""
BELOW = """\
The link needs no sign-in and works until {until}. Whoever has it can see the records, and nothing else.
If you do not manage the DNS of {domain}, pass this e-mail on to whoever does."""
REASON = "You get this e-mail because {brand} typed your address, to have these records published."


def address_of(token: str) -> str:
    """Return the address that opens the page; never built from a request's host name."""
    return settings.SITE_URL + reverse("dns_records", args=[token])


def send_link(link: RecordsLink, token: str, *, person: User) -> None:
    """Mail the link to where it is for, in the white-label's name; answers go to whoever asked for it.

    It leaves as mail with a password link does, so that the outbox forgets its content once it is sent.
    """
    brand = link.domain.white_label.brand
    values = {"brand": brand.name, "domain": link.domain, "until": _until(link)}
    notification = Notification(
        subject=f"{brand.name}: DNS records for {link.domain}",
        text=TEXT.format(**values),
        button=Link("Open the DNS records", address_of(token)),
        below=BELOW.format(**values),
        reason=REASON.format(**values),
        brand=brand,
    )
    speaks_for_platform = may(person, Right.DECIDE_DOMAINS)
    answers = Communication.current().support_address if speaks_for_platform else person.email
    send(notification, link.sent_to, reply_to=[answers] if answers else [], connection=urgent_connection())


def _until(link: RecordsLink) -> str:
    return f"{date_format(link.expires_at, 'j F Y')} ({DAYS} days)"
