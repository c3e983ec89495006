"""Name what went wrong on the way to a server, and read the enhanced status code of a reply."""

import re
import smtplib
import ssl

from smtp_settings.transport.connection import ProtocolError

OUT_OF_STEP = "out_of_step"  # the server answers other commands than ours, so nothing is known of the mail
UNSUPPORTED = "unsupported"  # the message needs what the server does not offer
NO_GREETING = "no_greeting"  # it took the connection and said nothing
OF_THE_SSL_MODULE = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")
ENHANCED_CODE = re.compile(r"#?(([245])\.\d{1,3}\.\d{1,3})(?=[\s:;,]|$)")  # Cisco's appliances put # before it
AS_QMAIL = re.compile(r"\(#(([245])\.\d{1,3}\.\d{1,3})\b")

# What follows is another server's reply, which Postfix and Exim pass on from a callout, or is from the message.
CITED = re.compile(
    r"(\b(said|says|response|responded|replied|answered|called|subject):|\bresponse (to|from)\b|\bin reply to\b"
    r"|\bcallout\b|\bremote (smtp |mail )?(server|host|mta)\b).*?(?=sender verify failed\W*\Z|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(error: Exception) -> str:
    """Name what went wrong on the way, for `SessionFailed.kind`."""
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLCertVerificationError, "certificate"),
        (ssl.SSLEOFError, "closed"),
        (ssl.SSLError, "tls"),
        (TimeoutError, "timeout"),
        (ConnectionRefusedError, "refused"),
        (ProtocolError, "protocol"),
        (UnicodeError, "protocol"),
        (smtplib.SMTPServerDisconnected, "closed"),
        (ConnectionError, "closed"),
        (OSError, "refused"),
    )
    return next((kind for type_, kind in kinds if isinstance(error, type_)), "protocol")


def text_of(error: Exception) -> str:
    """Return what `error` says, without what only Python's `ssl` module says around it."""
    return OF_THE_SSL_MODULE.sub("", str(error)) if isinstance(error, ssl.SSLError) else str(error)


def enhanced_code(code: int, text: str) -> str:
    """Return the enhanced status code of a reply, "" where there is none or its class is not that of `code`.

    It is at the start of the text (RFC 3463, RFC 2034 4), or in brackets where qmail has it.
    """
    match = ENHANCED_CODE.match(text) or AS_QMAIL.search(own_words(text))
    return match.group(1) if match and match.group(2) == str(code)[0] else ""


def own_words(text: str) -> str:
    """Return what a server says itself, without what it cites of another server or of the message."""
    return CITED.sub(" ", text)
