"""Write a message anew in ASCII, with lines of at most 998 octets, for servers that take nothing else (RFC 6152 3).

What fits stays as it is. Nothing is lost: where something would be, such as a signature, the message is refused.
"""

from email import message_from_bytes
from email.errors import MessageError
from email.message import Message

from delivery.message import part_objects
from delivery.message.limits import is_no_charset, is_too_complex
from smtp_settings.header_fields import MAX_LINE_OCTETS

UNKNOWN = "iso-8859-1"  # what 8-bit text is taken for that names no charset and is not UTF-8


def in_ascii(content: bytes) -> bytes:
    """Return the message in ASCII; raises `ValueError`, in words, where that would lose something."""
    if is_too_complex(content):
        raise ValueError("it has too many parts within parts, lines or parameters")
    try:
        message = message_from_bytes(content)
        _refuse_what_is_no_charset(message)
        _refuse_to_break_signatures(message, content)
        _name_charsets(message)
        if "MIME-Version" not in message:
            message["MIME-Version"] = "1.0"
        written = part_objects.entity(message)
    except RecursionError as error:
        raise ValueError("it has too many parts within parts") from error
    except (MessageError, LookupError, AttributeError, TypeError) as error:
        raise ValueError("its parts cannot be read") from error
    if not written.isascii() or has_long_lines(written):
        raise ValueError("it has 8-bit content where nothing may be encoded")
    return written


def has_long_lines(content: bytes) -> bool:
    """Return whether a line has more octets than mail may have (RFC 5321 4.5.3.1.6)."""
    return max(map(len, content.split(b"\r\n"))) > MAX_LINE_OCTETS


def _refuse_what_is_no_charset(message: Message) -> None:
    for part in message.walk():
        name = part.get_content_charset("")
        if is_no_charset(name):
            raise ValueError(f"{name!r} is no charset of mail")


def _refuse_to_break_signatures(message: Message, content: bytes) -> None:
    for part in message.walk():
        if part.get_content_type() != "multipart/signed" or not part.is_multipart():
            continue
        signed = part.get_payload(0)
        if isinstance(signed, Message) and part_objects.entity(signed) not in content:
            raise ValueError("it is signed, and another encoding would break the signature")


def _name_charsets(message: Message) -> None:
    for part in message.walk():
        if part.get_content_maintype() != "text" or part.get_content_charset():
            continue
        octets = part.get_payload(decode=True)
        if isinstance(octets, bytes) and not _is_utf8(octets):
            part.set_param("charset", UNKNOWN)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
