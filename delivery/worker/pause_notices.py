"""Tell its people and the platform's owner that mail waits: its server is paused, or takes no mail from its domain.

A task does so, not whoever sends mail.
"""

from django.db import transaction

from delivery.models import PauseNotice
from delivery.outbox import broker
from messages.models import Mailbox
from people.models import NoticeKind
from smtp_settings.models import SmtpServer
from tables.one_by_one import do_for_each
from whitelabel.correspondence import send_notice
from whitelabel.models import SendingDomain, WhiteLabel

SERVERS = NoticeKind.SERVERS
TASK = "delivery.tasks.send_pause_notice"


def announce(server: SmtpServer, reason: str) -> None:
    """Store that people are to be told, within the transaction of the pause; a task tells them once that is committed.

    Where the broker is away, the sweep finds it.
    """
    notice = PauseNotice.objects.create(server=server, reason=reason)
    transaction.on_commit(lambda: broker.start(TASK, notice.pk))


def announce_refused(server: SmtpServer, sender: str, reason: str) -> None:
    """Store that people are to be told that a server takes no mail from a white-label's domain; once a day at most."""
    with transaction.atomic():
        domain = SendingDomain.objects.live().filter(domain=sender.rpartition("@")[2]).first()
        if domain and domain.note_refused_as_sender():
            notice = PauseNotice.objects.create(server=server, domain=domain, reason=reason)
            transaction.on_commit(lambda: broker.start(TASK, notice.pk))


def send(notice_id: int) -> None:
    """Send a notice, unless it has been sent: the row goes with the messages' way into the outbox."""
    with transaction.atomic():
        notices = PauseNotice.objects.filter(pk=notice_id)
        notice = notices.select_related("server", "domain__white_label__mailbox").first()
        if notice and notices.delete()[0]:
            _send(notice)


def send_all() -> None:
    """Send what no task has been told of; one that cannot be sent keeps no other from it."""
    do_for_each(PauseNotice.objects.values_list("pk", flat=True), send)


def _send(notice: PauseNotice) -> None:
    if notice.domain:
        _send_of_domain(notice.domain, notice.reason)
    else:
        _send_of_server(notice.server, notice.reason)


def _send_of_domain(domain: SendingDomain, reason: str) -> None:
    cure = "Mail from there waits and is tried again. The platform's owner can add the domain at the SMTP provider."
    paragraphs = [f"The platform's SMTP server takes no mail from {domain}. {reason}", cure]
    for mailbox in (Mailbox.platform(), domain.white_label.mailbox):
        send_notice(
            mailbox,
            SERVERS,
            subject=f"Mail from {domain} is refused",
            paragraphs=paragraphs,
            about=domain,
            button="See the domain",
        )


def _send_of_server(server: SmtpServer, reason: str) -> None:
    white_label = WhiteLabel.objects.filter(server=server.pk).select_related("mailbox").first()
    whose = f"The SMTP server of {white_label}" if white_label else "The platform's SMTP server"
    paragraphs = [f"{whose}, {server}, is paused. {reason}", "Its mail waits. Mend the settings and check again."]
    for mailbox in [Mailbox.platform(), *([white_label.mailbox] if white_label else [])]:
        subject = f"{whose} is paused"
        send_notice(
            mailbox, SERVERS, subject=subject, paragraphs=paragraphs, about=server, button="Open the SMTP settings"
        )
