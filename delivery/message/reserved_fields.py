"""Header fields that no application writes itself, at no door: they are the product's, or steer servers on the way.

Where a program says what it wants, such a field is refused. A message that comes written, from clients that write what
they like, goes on without it.
"""

import re

OURS = (  # written by the route or with the message
    *("from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "content-.*"),
    "x-backoffice-.*",
)
OF_THE_WAY = (  # what servers note and act upon: where it came by, whom bounces go to, what they found proven
    *("received.*", "return-path", "errors-to", "resent-.*", "x-resent-.*"),  # RFC 5322 3.6.6, 3.6.7, RFC 2076 3.5
    *("delivered-to", "apparently-to", "(x-)?original-(to|recipient)", "(x-)?envelope-(to|from|sender)"),  # RFC 9228
    *("authentication-results", "arc-.*", "dkim-.*", "domainkey-.*"),  # RFC 8601, 8617, 6376, 4870
    *("x-ms-exchange-.*", "x-forefront-.*"),
)
RECEIPTS = (  # they answer to whoever is named, though the route decides who answers go to (RFC 8098 2.1)
    *("disposition-notification-.*", "return-receipt-.*", "read-receipt-to", "generate-delivery-report"),
    *("x-confirm-reading-to", "notice-requested-upon-delivery-to"),
)
PROVIDERS = (  # orders to a provider in the name of its account: other recipients, pools, accounts, no suppression
    "x-smtpapi",  # SendGrid, SendCloud
    "x-ses-.*",
    "x-mc-.*",  # Mandrill
    *("x-mj-.*", "x-mailjet-.*"),
    "x-mailgun-.*",
    "x-pm-.*",  # Postmark
    *("x-msys-.*", "x-msfbl"),  # SparkPost
    *("x-sib-.*", "x-mailin-.*"),  # Brevo
    *("x-elasticemail-.*", "istransactional"),
    "x-smtp2go-.*",
    "x-mailersend-.*",
    "x-mt-.*",  # Mailtrap
    "resend-.*",
    "x-tem-.*",  # Scaleway
    "x-postal-.*",
    "x-smtpeter-.*",
    "x-xs(mailing|message)id",  # SocketLabs
    *("x-clab-.*", "x-gmtrack.*", "x-greenarrow-.*"),
    *("x-mq-.*", "x-virtual-mta", "x-binding", "x-job", "x-envid", "x-dkim-options"),  # MailerQ, PowerMTA, Momentum
    "x-ignore-(hard|complaint|unsubscribe)",
)
KEPT_IF_WRITTEN = ("received", "dkim-signature")  # shows circles; proves itself, or is taken for none (RFC 6376 6.1)


def _any_of(*names: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(names)})\Z", re.IGNORECASE)


RESERVED = _any_of(*OURS, *OF_THE_WAY, *RECEIPTS, *PROVIDERS)
LEFT_OUT_IF_WRITTEN = re.compile(
    rf"(?!(?:{'|'.join(KEPT_IF_WRITTEN)})\Z)"
    rf"(?:from|sender|reply-to|bcc|x-backoffice-.*|{'|'.join((*OF_THE_WAY, *RECEIPTS, *PROVIDERS))})\Z",
    re.IGNORECASE,
)


def is_reserved(name: str) -> bool:
    """Return whether a field may not be given beside a message."""
    return RESERVED.match(name) is not None


def is_left_out(name: str) -> bool:
    """Return whether a message that comes written goes on without such a field, or with one of the route's."""
    return LEFT_OUT_IF_WRITTEN.match(name) is not None
