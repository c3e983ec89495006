"""Remarks on records that were read: what looks wrong in one, and what does not fit beside the others."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from whitelabel.dns.record import Record
from whitelabel.dns.spf import terms as spf
from whitelabel.dns.tags import tags_of
from whitelabel.domain_names import is_public, is_within, registrable
from whitelabel.pasting.result import PastedRow
from whitelabel.pasting.shapes import has_end, is_host, is_text_of_mail, is_whole_key

TWICE = "It was there {count} times; one is kept."
ELLIPSIS = "The value looks cut off: it contains an ellipsis. Copy it with the provider's own button."
CUT_KEY = "The key looks cut off, as its end is missing. Copy it with the provider's own button."
REVOKED = "The key is empty, which tells everybody that it was revoked (RFC 6376, 3.6.1)."
PLACEHOLDER = "The value still contains a placeholder."
APEX_CNAME = "A CNAME record cannot stand at the domain itself; the provider must give another record."
APEX_MX = "It receives all mail of {name}: publish it only where that is wanted."
TWO_SPF = "Another SPF record for {name} is here too; a name must have only one (RFC 7208, 3.2): merge them."
SPF_NOW = "{name} has an SPF record already, and a name has one (RFC 7208, 3.2): both are sent as one. Now: {now}"
TWO_CNAMES = "Two values for one CNAME record: only one can be published."
BESIDE_CNAME = "A CNAME record must stand alone under its name (RFC 1034, 3.6.2), and here are others."
NO_UNDERSCORE = "An SPF, DKIM or DMARC record usually has an underscore in its name here; compare it with the page."
_KEY = re.compile(r"(?:^|;)\s*p\s*=([^;]*)")
NOT_OF_PLACE = "Under a name with {label} stands another kind of record; compare the name and the value."
NO_TERM = "“{part}” is no part of an SPF record (RFC 7208, 5): compare the value."
NO_END = "The SPF record has no end such as ~all: it may be cut off, or go on in the next line."
NO_TAG = "“{part}” is no tag and value such as p=none: compare the value."
WITH_BLANKS = "The value contains blanks: compare it, words of the page may have come with it."
LIKE_HOST = "The value looks like a host name, which usually is a CNAME record."
NOT_ASCII = "The value contains letters that are not ASCII: compare it."
WRAPPED = "The value begins or ends with a quote or bracket: compare it."
ITSELF = "The record leads to itself."
TWO_IN_ONE = "Two SPF records stand in one value: only one of them can be right."
CUT_TEXT = "The value looks cut off after its beginning."
NO_POLICY = "The DMARC record has no policy: p=none, p=quarantine or p=reject."
NO_ADDRESS = "“{uri}” is no address for reports such as mailto:dmarc@example.com: compare the value."
NO_TOP = "{host} ends in “.{top}”, which is no top-level domain: it may be cut off."
VERSIONS = ("v=spf1 ", "v=dkim1;", "v=dmarc1;", "v=stsv1;", "v=tlsrptv1;", "v=bimi1;")
POLICIES = frozenset({"none", "quarantine", "reject"})
RESERVED = frozenset({"test", "example", "invalid", "localhost"})  # RFC 6761: never in DNS, but in examples
_SPF_VERSION = re.compile(r"v=spf1", re.IGNORECASE)
_REPORT_URI = re.compile(r"https?://\S+|mailto:[^\s@]+@(?:[\w-]+\.)+[A-Za-z][\w-]+(?:!\d+[kmgt]?)?", re.IGNORECASE)
NO_KEY = "The DKIM record has no key (p=): it may be cut off."
MX_UNDERSCORE = "A name with an underscore receives no mail; compare the name."
WITHIN = "The value is itself a name of {name}; compare it."
PLACES = {"v=dmarc1": "_dmarc", "v=stsv1": "_mta-sts", "v=tlsrptv1": "_smtp._tls", "v=bimi1": "_bimi"}
_WRAPPERS = frozenset("\"'`*<>[](){}“”„«»‘’")
_TAG = re.compile(r"\w+\s*=(?:[^\s]*|\s*mailto:\S+(?:\s*,\s*mailto:\S+)*|\s*\S+)")
_PLACEHOLDER = re.compile(r"[<{\[](?:your|domain|selector|value|key)[^>}\]]{0,40}[>}\]]", re.IGNORECASE)


def rows(records: Iterable[PastedRow], domain: str, spf_now: Sequence[str]) -> tuple[PastedRow, ...]:
    """Return each record once, with remarks; `spf_now` are the SPF records that the domain has in DNS."""
    same: dict[Record, list[PastedRow]] = defaultdict(list)
    for row in records:
        same[row.record].append(row)
    once = {record: _merged(rows) for record, rows in same.items()}
    counts = {record: len(rows) for record, rows in same.items()}
    same_name: dict[str, list[Record]] = defaultdict(list)
    for record in counts:
        same_name[record.name].append(record)
    return tuple(
        replace(once[record], remarks=(*once[record].remarks, *_remarks(record, same_name, count, domain, spf_now)))
        for record, count in counts.items()
    )


def _merged(rows: Sequence[PastedRow]) -> PastedRow:
    """Return one row for the same record, with the lines, repairs and remarks of all."""
    return replace(
        rows[0],
        repairs=tuple(dict.fromkeys(repair for row in rows for repair in row.repairs)),
        remarks=tuple(dict.fromkeys(remark for row in rows for remark in row.remarks)),
        line="\n".join(dict.fromkeys(row.line for row in rows)),
    )


def _remarks(
    record: Record, same_name: dict[str, list[Record]], count: int, domain: str, spf_now: Sequence[str]
) -> Iterable[str]:
    if count > 1:
        yield TWICE.format(count=count)
    yield from _of_value(record)
    yield from _of_place(record, domain, spf_now)
    yield from _beside(record, same_name[record.name])


def _of_value(record: Record) -> Iterable[str]:
    value = record.value
    if "…" in value or "..." in value:
        yield ELLIPSIS
    if _PLACEHOLDER.search(value):
        yield PLACEHOLDER
    if record.type == "TXT":
        yield from _of_text(value)
    if record.type == "TXT" and ("_domainkey" in record.name or _is_key(value)):
        yield from _of_key(value)
    host = value.rpartition(" ")[2]
    top = host.rpartition(".")[2]
    if record.type != "TXT" and top not in RESERVED and not is_public(host):
        yield NO_TOP.format(host=host, top=top)
    if record.type == "CNAME" and value == record.name:
        yield ITSELF


def _of_text(value: str) -> Iterable[str]:
    """Yield what does not belong to the grammar of a known kind of text, or is seldom right in an unknown one."""
    if spf.is_spf(value):
        yield from (NO_TERM.format(part=term.text) for term in spf.terms_of(value) if not term.is_valid)
        if not has_end(value):
            yield NO_END
        if len(_SPF_VERSION.findall(value)) > 1:
            yield TWO_IN_ONE
    elif is_text_of_mail(value):
        yield from _of_tags(value)
    elif any(version.startswith(value.lower()) for version in VERSIONS):
        yield CUT_TEXT
    elif " " in value:
        yield WITH_BLANKS
    elif is_host(value):
        yield LIKE_HOST
    if not value.isascii():
        yield NOT_ASCII
    if value[0] in _WRAPPERS or value[-1] in _WRAPPERS:
        yield WRAPPED


def _of_tags(value: str) -> Iterable[str]:
    parts = [part.strip() for part in value.split(";") if part.strip()]
    yield from (NO_TAG.format(part=part[:60]) for part in parts if _TAG.fullmatch(part) is None)
    tags = tags_of(value)
    if value.lower().startswith("v=dmarc1") and tags.get("p", "").lower() not in POLICIES:
        yield NO_POLICY
    addresses = [uri.strip() for tag in ("rua", "ruf") for uri in tags.get(tag, "").split(",") if uri.strip()]
    yield from (NO_ADDRESS.format(uri=uri) for uri in addresses if _REPORT_URI.fullmatch(uri) is None)


def _of_key(value: str) -> Iterable[str]:
    match = _KEY.search(value)
    if match is None:
        yield from [NO_KEY] * value.lower().startswith("v=dkim1")
        return
    key = match[1].strip()
    if not key:
        yield REVOKED
    elif "…" not in value and "..." not in value and "ed25519" not in value.lower() and not is_whole_key(key):
        yield CUT_KEY


def _of_place(record: Record, domain: str, spf_now: Sequence[str]) -> Iterable[str]:
    if record.name == domain and record.type == "CNAME":
        yield APEX_CNAME
    if record.name == domain and record.type == "MX":
        yield APEX_MX.format(name=domain)
    if record.name == domain and _is_spf(record) and spf_now and record.value not in spf_now:
        yield SPF_NOW.format(name=domain, now=" | ".join(spf_now))
    if record.type == "TXT" and _place_of(record.value) not in record.name:
        yield NO_UNDERSCORE
    if label := _other_place(record):
        yield NOT_OF_PLACE.format(label=label)
    if record.type == "MX" and "_" in record.name:
        yield MX_UNDERSCORE
    if record.type == "CNAME" and is_within(record.value, registrable(domain)):
        yield WITHIN.format(name=registrable(domain))


def _place_of(value: str) -> str:
    """Return the label that a record of this kind stands under, "" where it may stand anywhere."""
    version = value.lower()
    if _is_key(value):
        return "_domainkey"
    return next((label for start, label in PLACES.items() if version.startswith(start)), "")


def _other_place(record: Record) -> str:
    """Return the label in a record's name that says that another kind of text stands there, "" where none does."""
    labels = record.name.split(".")
    if record.type != "TXT" or _place_of(record.value):
        return ""
    if "_domainkey" in labels and "p" not in tags_of(record.value):
        return "_domainkey"
    return next((label for label in PLACES.values() if label in labels), "")


def _is_key(value: str) -> bool:
    return value.lower().startswith(("v=dkim1", "k=rsa", "k=ed25519", "p=mi"))


def _beside(record: Record, others: list[Record]) -> Iterable[str]:
    cnames = sum(other.type == "CNAME" for other in others)
    if record.type == "CNAME" and cnames > 1:
        yield TWO_CNAMES
    if cnames and len(others) > cnames:
        yield BESIDE_CNAME
    if _is_spf(record) and sum(map(_is_spf, others)) > 1:
        yield TWO_SPF.format(name=record.name)


def _is_spf(record: Record) -> bool:
    return record.type == "TXT" and record.value.lower().startswith("v=spf1")
