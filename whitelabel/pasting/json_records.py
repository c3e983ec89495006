"""Find DNS records in the JSON that the APIs of mail providers answer with.

Generic objects with a type and a value cover SendGrid (`dns`), Mailgun (`sending_dns_records`), Brevo (`dns_records`)
and Resend (`records`); Amazon SES, Postmark and Mailjet spread a record over several keys.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from whitelabel.pasting.result import SUPPORTED, Raw, Unread, type_of, unsupported, with_priority

TYPE_KEYS = ("type", "record_type", "recordtype", "rtype", "fieldtype")
NAME_KEYS = ("host", "host_name", "hostname", "name", "record_name", "recordname", "subdomain")
VALUE_KEYS = ("value", "data", "content", "record_value", "target", "points_to", "pointsto", "answer", "text")
PRIORITY_KEYS = ("priority", "preference", "prio")
BESIDE = frozenset((*TYPE_KEYS, *NAME_KEYS, *VALUE_KEYS, *PRIORITY_KEYS, "ttl", "valid", "status", "record", "cached"))
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

Records = Iterator[Raw | Unread]


def read(value: Any, domain: str) -> Records:
    """Yield the records in `value`, and what else stands there as one entry; `value` is nested at a bounded depth."""
    others: list[str] = []
    yield from _walk(value, "", domain, others)
    if others:
        yield Unread(", ".join(dict.fromkeys(others)), "other fields of the JSON, which are no records")


def _walk(value: Any, key: str, domain: str, others: list[str]) -> Records:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, key, domain, others)
    elif not isinstance(value, dict):
        others.append(_field(key, value))
    elif (record := _generic(value)) is not None:
        yield record
        for name, inner in value.items():
            if isinstance(inner, dict | list) or name.lower() not in BESIDE:
                yield from _walk(inner, name, domain, others)
    else:
        taken = set[str]()
        yield from _spread(value, domain, taken)
        for name, inner in value.items():
            if name not in taken:
                yield from _walk(inner, name, domain, others)


def _generic(thing: Mapping[str, Any]) -> Raw | Unread | None:
    """Return the record that an object with a type and a value is; a name that is missing is the domain itself."""
    kind = type_of(_first(thing, TYPE_KEYS))
    value = _first(thing, VALUE_KEYS)
    if not kind or not value:
        return None
    line = _line(thing)
    if kind not in SUPPORTED:
        return unsupported(kind, line)
    value = with_priority(kind, value, _first(thing, PRIORITY_KEYS))
    return Raw(kind, _first(thing, NAME_KEYS), value, line)


def _spread(thing: Mapping[str, Any], domain: str, taken: set[str]) -> Records:
    yield from _pairs(thing, taken)
    yield from _revoked(thing, taken)
    yield from _amazon(thing, domain, taken)


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


def _first(thing: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    lower = {str(name).lower(): value for name, value in thing.items()}
    return next((text for key in keys if (text := _text(lower.get(key)))), "")


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _line(thing: Mapping[str, Any]) -> str:
    """Return its own fields as text; what is nested in it is read apart."""
    return _shown({name: value for name, value in thing.items() if not isinstance(value, dict | list)})


def _field(key: str, value: Any) -> str:
    return f"{_shown(key)}: {_shown(value)}".replace('"', "")


def _shown(value: Any) -> str:
    """Return it as text that a page can show: JSON may name half a character, which nothing can."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
