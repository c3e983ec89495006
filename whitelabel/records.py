"""How DNS records are written: any usual spelling is understood, one is stored and compared."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from whitelabel.dns.record import Type
from whitelabel.domain_names import canonical, is_within, registrable

NAME_MAX_CHARS = 253
VALUE_MAX_CHARS = 4000
PREFERENCE_MAX = 65_535
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def full_name(typed: str, domain: str) -> str:
    """Return the full name of a record of `domain` typed as "@", as a host or in full. Raises `ValidationError`."""
    name = typed.strip()
    if name in {"", "@"}:
        return domain
    given = _plain_name(name)
    in_full = name.endswith(".") or is_within(given, domain) or is_within(given, registrable(domain))
    full = given if in_full else f"{given}.{domain}"
    if len(full) > NAME_MAX_CHARS:
        raise ValidationError(f"The full name, {full[:40]}…, is too long for DNS.")
    return full


def as_typed(name: str, domain: str) -> str:
    """Return a full name so that `full_name` reads it back: with a final dot where it is outside of the domain."""
    return name if is_within(name, registrable(domain)) else f"{name}."


def plain_value(kind: str, typed: str) -> str:
    """Return a record's value as it is stored: no quotes, host names in full. Raises `ValidationError`."""
    value = " ".join(typed.split())
    if not value:
        raise ValidationError("Give the value to publish.")
    if len(value) > VALUE_MAX_CHARS:
        raise ValidationError(f"A value may have at most {VALUE_MAX_CHARS:,} characters.")
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in value):
        raise ValidationError("The value contains control characters.")
    spell = {Type.CNAME: _plain_name, Type.MX: _exchange}.get(Type(kind), unquoted)
    return spell(value)


def comparable(kind: str, value: str) -> str:
    """Return the spelling in which an expected and a published value of one type are compared."""
    words = " ".join(value.split())
    return words if kind == Type.TXT else words.lower().removesuffix(".")


def unquoted(value: str) -> str:
    """Return a TXT value without the quotes of a zone file, its strings joined (RFC 1035 5.1, RFC 7208 3.3)."""
    strings = _QUOTED.findall(value)
    if not strings or _QUOTED.sub("", value).strip():
        return value
    return re.sub(r"\\(.)", r"\1", "".join(strings))


def _exchange(value: str) -> str:
    preference, _, host = value.partition(" ")
    if not (preference.isascii() and preference.isdigit() and host) or int(preference) > PREFERENCE_MAX:
        raise ValidationError("Write an MX record as its priority and its host, such as 10 mx.example.com.")
    return f"{int(preference)} {_plain_name(host)}"


def _plain_name(typed: str) -> str:
    """Return a host name in lower case without its final dot; labels may start with an underscore."""
    labels = typed.strip().lower().removesuffix(".").split(".")
    return ".".join(label if _LABEL.fullmatch(label) else canonical(label) for label in labels)
