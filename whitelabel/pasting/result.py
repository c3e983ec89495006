"""What a paste contained, and the words by which providers and DNS hosts call the parts of a record."""

import re
from dataclasses import dataclass

from whitelabel.dns.record import Record, Type

SUPPORTED = frozenset(Type.values)
UNSUPPORTED = {
    "NS": "it hands names over to other name servers, which is not needed to send mail",
    "A": "it is the address of a server, which is not needed to send mail",
    "AAAA": "it is the address of a server, which is not needed to send mail",
    "SPF": "records of this type are no longer read (RFC 7208, 3.1); publish the same text as TXT",
    "SOA": "the DNS host writes it by itself",
    "PTR": "whoever owns the address of the server publishes it",
}
KNOWN = (
    SUPPORTED
    | UNSUPPORTED.keys()
    | {*"SRV CAA DS DNSKEY NAPTR TLSA SSHFP LOC HINFO HTTPS SVCB ALIAS ANAME URI".split()}
)
LABELS = {
    "type": "type|record type|dns type|dns record type|typ|record-type|recordtype",
    "name": "host|hostname|host name|name|record name|dns name|dns host|host/name|name/host|host record|record host"
    "|subdomain|domain|name (host)|host (name)|txt name|hostname/name|recordname|enter this hostname",
    "value": "value|data|record value|content|points to|target|answer|destination|text value|txt value|record data"
    "|value/content|value/target|points to/value|wert|inhalt|ziel|text|recordvalue|cname value|mx value|value/answer"
    "|enter this value",
    "priority": "priority|preference|prio|pref|mx priority|prioritat|priorität",
    "other": "ttl|time to live|status|state|purpose|required|class|record|dns record|verified|valid|comment|action",
}
_FIELDS = {word: field for field, words in LABELS.items() for word in words.split("|")}
_TYPE = re.compile(r"([A-Za-z]{1,7})(?: ?-?records?)?(?: ?\([^()]{0,40}\))?:?", re.IGNORECASE)
_LABEL_MAX_CHARS = 30
BUTTONS = frozenset(
    "copy|copied|copied!|copy to clipboard|pending|verified|unverified|not verified|valid|invalid|active|auto|automatic"
    "|failed|success|not started|optional|required|edit|delete|default|-|n/a|none".split("|")
)


@dataclass(frozen=True)
class Raw:
    """A record as it was written. `origin` is the domain that a zone file counts `name` from, "" elsewhere."""

    type: str
    name: str
    value: str
    line: str
    repairs: tuple[str, ...] = ()
    zone: bool = False
    origin: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A part of a paste that gave no record, and why."""

    line: str
    why: str = "no DNS record was recognised in it"


@dataclass(frozen=True)
class PastedRow:
    """A record with what was changed in it, what a person should look at, and the line it was read from."""

    record: Record
    repairs: tuple[str, ...]
    remarks: tuple[str, ...]
    line: str


@dataclass(frozen=True)
class Pasted:
    rows: tuple[PastedRow, ...]
    unread: tuple[Unread, ...]


def type_of(cell: str) -> str:
    """Return the record type that a cell names ("txt", "CNAME record", "TXT (SPF)"), else ""."""
    match = _TYPE.fullmatch(cell.strip()) if len(cell) <= _LABEL_MAX_CHARS * 2 else None
    name = match[1].upper() if match else ""
    return name if name in KNOWN else ""


def field_of(cell: str) -> str:
    """Return which part of a record a label announces: type, name, value, priority, other; else ""."""
    if len(cell) > _LABEL_MAX_CHARS:
        return ""
    word = re.sub(r" ?/ ?", "/", " ".join(cell.strip(" \t:*").lower().split()))
    return _FIELDS.get(word, "")


def guessed_type(value: str) -> str:
    """Return the type that a value without one must have, "" where that is not certain."""
    start = value.strip().strip('"').lower()
    if start.startswith(("v=spf1", "v=dkim1", "v=dmarc1", "k=rsa", "p=mi", "brevo-code:", "sib-code:")):
        return "TXT"
    words = start.split()
    if len(words) == 2 and words[0].isdigit() and "." in words[1]:
        return "MX"
    return "CNAME" if re.fullmatch(r"[a-z0-9_.-]+\.[a-z]{2,24}\.?", start) else ""


def is_plausible(kind: str, value: str) -> bool:
    """Return whether it may be a record's value, and not words of a sentence that speaks of one."""
    words = value.split()
    if kind == "TXT":
        return len(words) == 1 or "=" in value or value.lstrip().startswith('"')
    if kind == "MX":
        return len(words) <= 2 and any("." in word for word in words)
    first = words[0].rstrip(".") if words else ""
    return ("." in first or ":" in first) and (len(words) == 1 or kind not in SUPPORTED)


def unsupported(kind: str, line: str) -> Unread:
    why = UNSUPPORTED.get(kind, "it is not needed to send mail")
    return Unread(line, f"{kind} records are not kept, only TXT, CNAME and MX: {why}")


def with_priority(kind: str, value: str, priority: str) -> str:
    """Return the value of an MX record with its priority in front, where it was given apart."""
    given = priority.strip()
    return f"{given} {value}" if kind == "MX" and given.isdigit() and len(value.split()) == 1 else value
