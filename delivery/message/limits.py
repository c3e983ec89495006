"""What Python's parser of messages may be given: it takes minutes and gigabytes for what no program would send."""

import codecs
import re

MULTIPARTS_MAX = 100
PARTS_MAX = 10_000
LINES_MAX = 3_000_000  # times the parts that are within each other: each line is compared with all their boundaries
PARAMETERS_MAX = 100  # of a field: the parser takes time that grows with the square of them
FIELD_MAX_OCTETS = 10_000
BOUNDARY = re.compile(rb"boundary[\s*\d]*+=")
FIELD = re.compile(rb"\ncontent-(?:type|disposition):([^\r\n]*+(?:\r\n[ \t][^\r\n]*+)*+)")
NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}


def is_too_complex(content: bytes) -> bool:
    """Return whether a message (CRLF lines) has more parts, or longer lists of parameters, than can be taken apart."""
    lower = b"\n" + content.lower()
    multiparts, lines = len(BOUNDARY.findall(lower)), lower.count(b"\n")
    return (
        multiparts > MULTIPARTS_MAX
        or lines * (multiparts + 1) > LINES_MAX
        or (multiparts > 0 and lower.count(b"\n--") > PARTS_MAX)
        or (b"delivery-status" in lower and lower.count(b"\n\r\n") > PARTS_MAX)  # a part for each block of fields
        or any(_is_long(field[1]) for field in FIELD.finditer(lower))
    )


def is_no_charset(name: str) -> bool:
    """Return whether `name` is a codec of Python for other things than mail, whose time grows with the square."""
    try:
        return codecs.lookup(name).name in NO_CHARSETS
    except (LookupError, ValueError):
        return False


def _is_long(field: bytes) -> bool:
    return len(field) > FIELD_MAX_OCTETS or field.count(b";") > PARAMETERS_MAX
