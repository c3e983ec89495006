"""Notify people that the client secret of their SMTP server is about to expire: 30, 7 and 1 days before, once each."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from messages.models import Mailbox
from people.models import NoticeKind
from smtp_settings.choices import Auth
from smtp_settings.models import Communication, SmtpServer
from tables.one_by_one import do_for_each
from whitelabel.correspondence import send_notice, write
from whitelabel.models import WhiteLabel

DAYS_BEFORE = (1, 7, 30)


def notify_expiring_secrets() -> None:
    """Notify of every client secret that has come nearer to its end than the last notice said."""
    soon = timezone.now().date() + timedelta(days=max(DAYS_BEFORE))
    do_for_each(SmtpServer.objects.filter(auth=Auth.XOAUTH2, client_secret_expires_on__lte=soon), _notify_once)


def _notify_once(server: SmtpServer) -> None:
    assert server.client_secret_expires_on is not None
    left = (server.client_secret_expires_on - timezone.now().date()).days
    days = next(days for days in DAYS_BEFORE if left <= days)
    not_notified = Q(expiry_notified=None) | Q(expiry_notified__gt=days)
    unchanged = SmtpServer.objects.filter(pk=server.pk, client_secret_expires_on=server.client_secret_expires_on)
    with transaction.atomic():
        if unchanged.filter(not_notified).update(expiry_notified=days) == 1:
            _notify(server, left)


def _notify(server: SmtpServer, left: int) -> None:
    """Write to the white-label's inbox; the platform has none that it could write to itself, so it gets an e-mail."""
    assert server.client_secret_expires_on is not None
    when = _when(server.client_secret_expires_on, left)
    subject = f"The client secret of {server} {when}"
    advice = "After that no mail leaves through it. Make a new client secret at the provider and type it in the form."
    body = f"The client secret that signs in to the SMTP server {server} {when}. {advice}"
    white_label = WhiteLabel.objects.filter(server=server.pk).select_related("mailbox").first()
    if white_label:
        page = f"{body}\n\nE-mail > Use your own SMTP provider"
        platform, kind = Mailbox.platform(), NoticeKind.KEYS
        write(sender=platform, receiver=white_label.mailbox, subject=subject, body=page, author=None, kind=kind)
    elif Communication.objects.filter(Q(server=server.pk) | Q(standby=server.pk)).exists():
        send_notice(
            Mailbox.platform(),
            NoticeKind.KEYS,
            subject=subject,
            paragraphs=[body],
            about=server,
            button="Open the SMTP settings",
        )


def _when(day: date, left: int) -> str:
    if left < 0:
        return f"expired on {day:%d %B %Y}"
    words = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    return f"expires {words}, on {day:%d %B %Y}"
