"""Find DNS records in the objects of JSON, YAML and the like, by the keys of mail providers and DNS hosts.

Generic objects with a type and one or more values cover most APIs and tools: SendGrid, Mailgun, Brevo, Resend,
MailerSend, Route 53, Cloudflare, Gandi, PowerDNS, Google Cloud DNS, Azure, Microsoft Graph, octoDNS, ExternalDNS.
Amazon SES, Postmark, Mailjet and SparkPost spread a record over several keys.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from whitelabel.pasting.result import GUESSED, Raw, Unread, unsupported
from whitelabel.pasting.shapes import is_text_of_mail
from whitelabel.pasting.words import KNOWN, SUPPORTED, is_page_word

NAMED_BY_KEY = "The name is the key that the record stands under."
TYPE_KEYS = ("type", "fieldtype", "rtype", "recordtype", "kind")
NAME_KEYS = ("hostname", "host", "name", "subdomain", "label", "fqdn", "dnsname", "owner")
VALUE_KEYS = (
    "value content data target pointsto answer text txt canonicalname cname mailexchange exchange record address "
    "values datas targets answers records resourcerecords contents"
).split()
PRIORITY_KEYS = ("priority", "preference", "prio", "mxpriority", "mxlevel", "aux")
BESIDE = {*TYPE_KEYS, *NAME_KEYS, *VALUE_KEYS, *PRIORITY_KEYS, *"ttl valid status cached id zoneid proxied".split()}
SES_ZONE = "dkim.amazonses.com"
# key of the name, key of the value, type: Postmark and Mailjet
PAIRS = (
    ("DKIMPendingHost", "DKIMPendingTextValue", "TXT"),
    ("DKIMHost", "DKIMTextValue", "TXT"),
    ("ReturnPathDomain", "ReturnPathDomainCNAMEValue", "CNAME"),
    ("SPFHost", "SPFTextValue", "TXT"),
    ("OwnerShipTokenRecordName", "OwnerShipToken", "TXT"),
    ("DKIMRecordName", "DKIMRecordValue", "TXT"),
    ("Domain", "SPFRecordValue", "TXT"),
)
_KEY_PREFIX = re.compile(r"\A(?:rrset|rr|dns|record)(?=[a-z])")
_HOST_KEY = re.compile(r"|[@*]|(?:\*\.)?_?[A-Za-z0-9-]+(?:\._?[A-Za-z0-9-]+)*\.?")

Records = Iterator[Raw | Unread]


def read(value: Any, domain: str) -> Records:
    """Yield the records in `value`, and what else stands there as one entry; `value` is nested at a bounded depth."""
    others: list[str] = []
    yield from _Walk(domain, others, _names_by_key(value)).of(value, "")
    if others:
        yield Unread(", ".join(dict.fromkeys(others)), "other fields, which are no records")


class _Walk:
    def __init__(self, domain: str, others: list[str], named_by_key: bool) -> None:
        self.domain, self.others, self.named_by_key = domain, others, named_by_key

    def of(self, value: Any, key: str, top: str | None = None) -> Records:
        if isinstance(value, list):
            for one in _rows(value):
                yield from self.of(one, key, top)
        elif not isinstance(value, dict):
            self.others.append(_field(key, value))
        elif records := _generic(value):
            yield from (self._named(record, top) for record in records)
            yield from self._inner(value, BESIDE | {"properties"})
        else:
            taken: set[str] = set()
            yield from _spread(value, self.domain, taken)
            for name, inner in value.items():
                if name not in taken:
                    yield from self.of(inner, name, name if top is None else top)

    def _named(self, record: Raw | Unread, key: str | None) -> Raw | Unread:
        if not self.named_by_key or key is None or isinstance(record, Unread) or record.name:
            return record
        return replace(record, name=key or "@", line=f"{key}: {record.line}", repairs=(*record.repairs, NAMED_BY_KEY))

    def _inner(self, value: Mapping[str, Any], beside: set[str]) -> Records:
        """Yield what is nested in a record and its other fields, but not the values that it was read from."""
        for name, inner in value.items():
            plain = _plain_key(name)
            if plain not in beside or (
                isinstance(inner, dict | list) and plain not in VALUE_KEYS and plain != "properties"
            ):
                yield from self.of(inner, name)


def _rows(value: list[Any]) -> list[Any]:
    """Return the rows of a table as objects whose keys are its header, anything else as it is."""
    if len(value) < 2 or not all(isinstance(row, list) for row in value) or len({*map(len, value)}) > 1:
        return value
    if not all(isinstance(key, str) for key in value[0]) or "type" not in map(_plain_key, value[0]):
        return value
    return [dict(zip(value[0], row, strict=True)) for row in value[1:]]


def _names_by_key(value: Any) -> bool:
    """Return whether the keys of an object name its records, as in octoDNS: no record has a name of its own."""
    if not isinstance(value, dict) or not value:
        return False
    if not all(_HOST_KEY.fullmatch(str(key)) and not is_page_word(str(key)) for key in value):
        return False
    records = [one for entry in value.values() for one in (entry if isinstance(entry, list) else [entry])]
    return all(isinstance(one, dict) and _kind(one) and not _first(one, NAME_KEYS) for one in records)


def _generic(thing: Mapping[str, Any]) -> list[Raw | Unread]:
    """Return the records that an object with a type and values is; a name that is missing is the domain itself."""
    thing = _flat(thing)
    kind, values = _kind(thing), list(_values(thing))
    if not values:
        return []
    line, name = _line(thing), _first(thing, NAME_KEYS) or _record_key(thing)
    repairs: tuple[str, ...] = ()
    if not kind and name and is_text_of_mail(values[0][1]):
        kind, repairs = "TXT", (GUESSED.format(kind="TXT"),)
    if not kind:
        return []
    if kind not in SUPPORTED:
        return [unsupported(kind, line)]
    priority = _first(thing, PRIORITY_KEYS)
    return [Raw(kind, name, value, line, priority=own or priority, repairs=repairs) for own, value in values]


def _record_key(thing: Mapping[str, Any]) -> str:
    """Return the name that a key "record" holds beside a value, where it is none of the words for a kind of record."""
    name = _text(thing.get("record"))
    return (
        ""
        if name.upper() in {*KNOWN, "DKIM", "DMARC"} or not any(key in thing for key in ("value", "content"))
        else name
    )


def _flat(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return it with what Azure and others nest: `properties`, and the values of one type in a list of that name."""
    inner = thing.get("properties") or thing.get("Properties")
    flat = {
        _plain_key(key): value for key, value in [*thing.items(), *(inner if isinstance(inner, dict) else {}).items()]
    }
    for kind in SUPPORTED:
        for key in (f"{kind}record", f"{kind}records"):
            if nested := flat.get(key.lower()):
                flat["values"] = nested if isinstance(nested, list) else [nested]
    return flat


def _kind(thing: Mapping[str, Any]) -> str:
    given = _first({_plain_key(key): value for key, value in thing.items()}, TYPE_KEYS)
    name = given.rpartition("/")[2].rpartition("::")[2].strip().upper()
    return name if name in KNOWN else ""


def _values(thing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield priority and value of each value that an object has under the first key that has any."""
    for key in VALUE_KEYS:
        if found := [pair for pair in _each(thing.get(key)) if pair[1]]:
            yield from found
            return


def _each(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        if value and all(isinstance(one, str) for one in value) and _is_one_text(value):
            yield "", "".join(value)
            return
        for one in value:
            yield from _each(one)
    elif isinstance(value, dict):
        flat = {_plain_key(key): inner for key, inner in value.items()}
        text = "".join(_text(part) for part in flat["value"]) if isinstance(flat.get("value"), list) else ""
        yield _first(flat, PRIORITY_KEYS), text or _first(flat, tuple(VALUE_KEYS))
    else:
        yield "", _text(value)


def _is_one_text(parts: list[str]) -> bool:
    """Return whether a list is one TXT value in pieces of 255 characters, rather than several values."""
    return len(parts) > 1 and is_text_of_mail(parts[0]) and not any(is_text_of_mail(part) for part in parts[1:])


def _spread(thing: Mapping[str, Any], domain: str, taken: set[str]) -> Records:
    yield from _pairs(thing, taken)
    yield from _revoked(thing, taken)
    yield from _amazon(thing, domain, taken)
    yield from _sparkpost(thing, taken)


def _pairs(thing: Mapping[str, Any], taken: set[str]) -> Records:
    for name_key, value_key, kind in PAIRS:
        name, value = _text(thing.get(name_key)), _text(thing.get(value_key))
        if name and value:
            taken |= {name_key, value_key}
            yield Raw(kind, name, value, _line({name_key: name, value_key: value}))


def _revoked(thing: Mapping[str, Any], taken: set[str]) -> Records:
    keys = ("DKIMRevokedHost", "DKIMRevokedTextValue")
    if name := _text(thing.get(keys[0])):
        taken.update(keys)
        yield Unread(_line({key: thing.get(key) for key in keys}), f"the key at {name} was revoked; do not publish it")


def _amazon(thing: Mapping[str, Any], domain: str, taken: set[str]) -> Records:
    """Yield what Amazon SES needs: the three CNAME records of Easy DKIM, and the TXT of an older verification."""
    zone = _text(thing.get("SigningHostedZone")) or SES_ZONE
    for key in ("Tokens", "DkimTokens"):
        tokens = thing.get(key)
        if isinstance(tokens, list) and tokens and all(isinstance(token, str) and token for token in tokens):
            taken |= {key, "SigningHostedZone"}
            for token in tokens:
                yield Raw("CNAME", f"{token}._domainkey.{domain}.", f"{token}.{zone}", _line({key: token}))
    if token := _text(thing.get("VerificationToken")):
        taken.add("VerificationToken")
        yield Raw("TXT", f"_amazonses.{domain}.", token, _line({"VerificationToken": token}))
    if name := _text(thing.get("MailFromDomain")):
        taken.add("MailFromDomain")
        why = "the MX record of a MAIL FROM domain names the region, which is not in this answer: copy it from the page"
        yield Unread(_line({"MailFromDomain": name}), why)


def _sparkpost(thing: Mapping[str, Any], taken: set[str]) -> Records:
    """Yield the TXT record of a key that is given by its selector, as SparkPost does."""
    selector, key = _text(thing.get("selector")), _text(thing.get("public"))
    if selector and key:
        taken |= {"selector", "public", "headers"}
        line = _line({"selector": selector, "public": key})
        yield Raw("TXT", f"{selector}._domainkey", f"v=DKIM1; k=rsa; h=sha256; p={key}", line)


def _plain_key(key: Any) -> str:
    """Return a key without its style and prefix: "RecordType", "record_type" and "rrset_type" are "type"."""
    letters = re.sub(r"[^a-z]", "", str(key).lower())
    return letters if letters in {"records", "recordset"} else _KEY_PREFIX.sub("", letters, count=1)


def _first(thing: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    plain = {_plain_key(name): value for name, value in thing.items()}
    return next((text for key in keys if (text := _text(plain.get(key)))), "")


def _text(value: Any) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text.encode("utf-8", "replace").decode().strip()


def _line(thing: Mapping[str, Any]) -> str:
    """Return its own fields as text; of what is nested, only what a record is read from."""
    return _shown(
        {name: value for name, value in thing.items() if not isinstance(value, dict | list) or name in VALUE_KEYS}
    )


def _field(key: str, value: Any) -> str:
    return f"{_shown(key)}: {_shown(value)}".replace('"', "")


def _shown(value: Any) -> str:
    """Return it as text that a page can show: JSON may name half a character, which nothing can."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
