"""What each transition of a sending domain means, in words: a message in its thread, and the e-mails to both sides.

One rule says who gets an e-mail: everybody but the side that made the transition; both where the product made it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from django.utils.text import Truncator

from messages.models import BODY_MAX_CHARS, SUBJECT_MAX_CHARS, Mailbox
from messages.posting import open_thread, post
from people.models import NoticeKind
from whitelabel.correspondence import name_of, send_notice
from whitelabel.models import DnsRecord, DomainEvent, SendingDomain
from whitelabel.models.record import ONE_SPF_RECORD
from whitelabel.models.transitions import Actor, Transition

IN_PLACE = "Publish it in place of the SPF record that is there, not beside it: a name has one."
RECORDS_MAX_CHARS = BODY_MAX_CHARS // 2  # leaves room for the sentences around them and the lines between
MISSING_MAX_CHARS = WORDS_MAX_CHARS = RECORDS_MAX_CHARS // 2


@dataclass(frozen=True)
class Notice:
    """Patterns with the names that `_values` gives: `subject` is the e-mail's, `text` the message and the e-mail's."""

    subject: str
    text: str


NOTICES: dict[Transition, Notice] = {
    Transition.REQUEST: Notice(
        "Domain request from {white_label}: {domain}",
        "{who} asks that {white_label} may send from {domain} through the platform's SMTP.\n\n{words}",
    ),
    Transition.WITHDRAW: Notice(
        "{white_label} withdrew {domain}",
        "{white_label} no longer asks for {domain}. Mail no longer leaves from it.",
    ),
    Transition.APPROVE: Notice(
        "{domain} is approved",
        "{domain} is approved. Publish these records where the DNS of the domain is managed. We look for them every "
        "few minutes; mail leaves from the domain once all of them are found. Leave them there afterwards, also "
        "{proof}: it proves that the domain is yours.\n\n{records}",
    ),
    Transition.CHANGE_RECORDS: Notice(
        "The DNS records for {domain} have changed",
        "The DNS records for {domain} have changed. Publish these where the DNS of the domain is managed, and leave "
        "them there, also {proof}: it proves that the domain is yours.\n\n{records}",
    ),
    Transition.REFUSE: Notice("{domain} was refused", "The request for {domain} was refused:\n\n{words}"),
    Transition.ASK: Notice("{platform} wrote about {domain}", "{words}"),
    Transition.ANSWER: Notice("{white_label} wrote about {domain}", "{words}"),
    Transition.ACTIVATE: Notice(
        "{domain} is active",
        "{domain} is active: mail of the applications that admins of {white_label} own now leaves from it.",
    ),
    Transition.DEGRADE: Notice(
        "DNS records of {domain} are gone",
        "DNS does not show these records of {domain} any more: {words}.\n\nMail still leaves from the domain. If the "
        "records are not back within 72 hours, the domain is suspended and mail leaves from the platform's own "
        "sender instead.\n\n{missing}",
    ),
    Transition.WARN: Notice(
        "DNS records of {domain} are still gone",
        "DNS has not shown these records of {domain} for {warned} hours: {words}.\n\n"
        "Mail still leaves from the domain. If the records are not back within the next {left} hours, it is suspended."
        "\n\n{missing}",
    ),
    Transition.SILENCE: Notice(
        "The DNS of {domain} does not answer",
        "The DNS of {domain} has given no clear answer {words}: its name servers fail or contradict each other.\n\n"
        "Mail still leaves from the domain, and this does not count against it. But receivers that get no answer "
        "either may refuse the mail or take it for forged.\n\nAsk whoever manages the DNS whether its name servers "
        "answer and all say the same, and whether the domain is still registered. We keep looking.",
    ),
    Transition.HOLD: Notice(
        "{domain} is proven, and active for somebody else",
        "DNS shows every record of {domain}, so it is proven that it is in the hands of {white_label}. But mail of "
        "another white-label on this platform leaves from it, so that of {white_label} does not.\n\nLeave the records "
        "where they are: the domain becomes active by itself as soon as the other one gives it up. If it should not be "
        "theirs, clear it up with the platform.",
    ),
    Transition.RECOVER: Notice(
        "The DNS records of {domain} are back",
        "DNS shows every record of {domain} again. The domain is active, and mail leaves from it.",
    ),
    Transition.SUSPEND: Notice(
        "{domain} is suspended",
        "Mail no longer leaves from {domain}; it leaves from the platform's own sender instead.\n\n{words}\n\n"
        "{missing}",
    ),
    Transition.RESUME: Notice(
        "The suspension of {domain} is lifted", "The suspension of {domain} is lifted. {resumed}"
    ),
    Transition.EXPIRE: Notice(
        "The request for {domain} has expired", "The request for {domain} has expired. {words} It can be sent again."
    ),
    Transition.REOPEN: Notice("The request for {domain} is open again", "The request for {domain} is open again."),
}


OF_ACTIVE_DOMAINS = frozenset(  # what DNS shows of domains that mail leaves from; anything else is about a request
    {Transition.DEGRADE, Transition.WARN, Transition.SILENCE, Transition.RECOVER, Transition.SUSPEND, Transition.RESUME}
)


def notify(event: DomainEvent) -> None:
    """Write what the transition means into the thread of both mailboxes, and mail it to those who did not make it."""
    notice, values = NOTICES[Transition(event.transition)], _values(event)
    domain, subject = event.sending_domain, notice.subject.format(**values)
    kind = NoticeKind.DNS if event.transition in OF_ACTIVE_DOMAINS else NoticeKind.REQUESTS
    text = notice.text.format(**values).strip()
    _post(domain, event, text)
    if event.actor != Actor.WHITE_LABEL:
        send_notice(
            domain.white_label.mailbox, kind, subject=subject, paragraphs=[text], about=domain, button="See the domain"
        )
    if event.actor != Actor.OWNER:
        send_notice(
            Mailbox.platform(), kind, subject=subject, paragraphs=[text], about=domain, button="See the request"
        )


def _post(domain: SendingDomain, event: DomainEvent, text: str) -> None:
    """Write into the request's thread; open one where there is none any more. The product speaks as the platform."""
    ends = {domain.white_label.mailbox, Mailbox.platform()}
    sender = domain.white_label.mailbox if event.actor == Actor.WHITE_LABEL else Mailbox.platform()
    if domain.thread:
        post(domain.thread, sender=sender, body=text, author=event.person)
        return
    domain.thread = open_thread(
        sender=sender,
        receiver=(ends - {sender}).pop(),
        subject=f"Domain request: {domain}"[:SUBJECT_MAX_CHARS],
        body=text,
        author=event.person,
        about=domain,
    )
    domain.save(update_fields=["thread"])


def _values(event: DomainEvent) -> dict[str, object]:
    domain = event.sending_domain
    return {
        "domain": domain,
        "white_label": domain.white_label,
        "platform": name_of(Mailbox.platform()),
        "who": event.who,
        "words": Truncator(event.words).chars(WORDS_MAX_CHARS) if event.actor == Actor.PRODUCT else event.words,
        "proof": domain.ownership_record.name,
        "records": _records(domain.records.all(), RECORDS_MAX_CHARS),
        "missing": _missing(event),
        "warned": domain.warned_hours,
        "left": SendingDomain.GRACE_HOURS - domain.warned_hours,
        "resumed": _resumed(domain),
    }


def _missing(event: DomainEvent) -> str:
    """Return the records to put back, where the product says that some are missing."""
    domain = event.sending_domain
    rows = domain.regressed if event.transition == Transition.DEGRADE else domain.missing
    if event.actor != Actor.PRODUCT or not rows:
        return ""
    return f"This is what to put back.\n\n{_records(rows, MISSING_MAX_CHARS)}"


def _records(rows: Iterable[DnsRecord], max_chars: int) -> str:
    """Return as many records as fit, and say where the others are."""
    texts = [_record(row) for row in rows]
    lengths = accumulate(map(len, texts))
    held = [text for text, length in zip(texts, lengths, strict=True) if length <= max_chars]
    rest = len(texts) - len(held)
    return "\n\n".join([*held, *([f"{rest} more: the rest is on the page of the domain."] if rest else [])])


def _record(row: DnsRecord) -> str:
    lines = [f"Type: {row.type}", f"Name: {row.name}", f"Value: {row.to_publish}"]
    return "\n".join(filter(None, (*lines, IN_PLACE if row.placement == ONE_SPF_RECORD else row.placement)))


def _resumed(domain: SendingDomain) -> str:
    if domain.is_live:
        return "The domain is active, and mail leaves from it again."
    return "Mail leaves from the domain once DNS shows every record."
