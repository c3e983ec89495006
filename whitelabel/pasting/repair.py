"""Repair what can be repaired safely in a record as it was written, and say what was changed."""

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError

from whitelabel.dns.record import Record
from whitelabel.domain_names import canonical, registrable
from whitelabel.pasting.result import PastedRow, Raw, Unread
from whitelabel.records import VALUE_MAX_CHARS, full_name, plain_value, unquoted

NAME_MAX_CHARS = 500
INVISIBLE = dict.fromkeys(
    [0xAD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
BLANKS = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0x3000: " ", 9: " ", 10: " ", 13: " "}
SMART_QUOTES = str.maketrans("“”„‟«»", '""""""')
DASHES = str.maketrans("–—−‑", "----")
KNOWN_ENDINGS = frozenset({"com", "net", "org"})
DEFAULT_PRIORITY = 10
NAMELESS = "No name was given; it is read as the domain itself."
_KEY = re.compile(r"(^|;)(\s*p\s*=)([^;]*)")
_LINK = re.compile(r"https?://", re.IGNORECASE)


class Repairer:
    """Works on one record; `repairs` and `remarks` say what was done and what a person should look at."""

    def __init__(self, raw: Raw, domain: str) -> None:
        self.raw, self.domain, self.above = raw, domain, registrable(domain)
        self.repairs, self.remarks = list(raw.repairs), list(raw.remarks)

    def repair(self) -> PastedRow | Unread:
        if len(self.raw.name) > NAME_MAX_CHARS or len(self.raw.value) > VALUE_MAX_CHARS:
            return Unread(self.raw.line, f"its value is longer than {VALUE_MAX_CHARS:,} characters")
        try:
            value = plain_value(self.raw.type, self._value())
            name = full_name(self._name(value), self.domain)
        except ValidationError as error:
            return Unread(self.raw.line, " ".join(error.messages))
        record = Record(self.raw.type, name, value)
        return PastedRow(record, tuple(dict.fromkeys(self.repairs)), tuple(self.remarks), self.raw.line)

    def _changed(self, before: str, after: str, sentence: str) -> str:
        if before != after:
            self.repairs.append(sentence)
        return after

    # The name --------------------------------------------------------------------------------------------------------

    def _name(self, value: str) -> str:
        typed = self._visible(self.raw.name).translate(SMART_QUOTES).strip()
        name = self._changed(typed, typed.strip("\"'` "), "Quotes around the name were taken off.").lower()
        name = self._changed(name, name.replace("\\", ""), "Backslashes in the name were taken out.")
        if not name:
            self.remarks.append(NAMELESS)
        if name in {"", "@"}:
            return self.raw.origin or "@"
        name = self._in_full(_in_ascii(name))
        for repair in (self._once, self._underscored):
            name = repair(name, value)
        if not self._within(name):
            self.remarks.append(f"The name is outside of {self.above}: only whoever runs that domain can publish it.")
        return f"{name}."

    def _in_full(self, name: str) -> str:
        """Return the full name without its final dot."""
        bare = name.removesuffix(".")
        if self._within(bare):
            if self.raw.origin and not name.endswith("."):
                self.repairs.append("The name lacks its final dot; it is read as the full name.")
            return bare
        if name.endswith(".") and self._has_known_ending(bare):
            return bare
        if self.raw.origin and not name.endswith("."):
            return f"{bare}.{self.raw.origin.strip('.').lower()}"
        if name.endswith("."):
            self.repairs.append("The final dot of the name was taken off, as it is not a full name.")
        return self._below(bare)

    def _below(self, host: str) -> str:
        """Return the full name of a host that is counted from the domain, or from the one above."""
        part = self.domain.removesuffix(self.above).strip(".")
        if part and (host == part or host.endswith(f".{part}")):
            self.repairs.append(f"The name was counted from {self.above}; it is the same name in full.")
            return f"{host}.{self.above}"
        if self._has_known_ending(host):
            return host
        return f"{host}.{self.domain}"

    def _has_known_ending(self, name: str) -> bool:
        ending = name.rpartition(".")[2]
        return "." in name and ending in KNOWN_ENDINGS | {self.domain.rpartition(".")[2]}

    def _once(self, name: str, value: str) -> str:
        once = name
        for base in (self.domain, self.above):
            while once.endswith(f".{base}.{base}") or once == f"{base}.{base}":
                once = once.removesuffix(f".{base}")
        return self._changed(name, once, f"The name contained the domain twice ({name}).")

    def _underscored(self, name: str, value: str) -> str:
        labels = name.split(".")
        labels = ["_domainkey" if label == "domainkey" else label for label in labels]
        if labels[0] == "dmarc" and value.lower().startswith("v=dmarc1"):
            labels[0] = "_dmarc"
        return self._changed(name, ".".join(labels), "An underscore was missing in the name and was put back.")

    def _within(self, name: str) -> bool:
        return name == self.above or name.endswith(f".{self.above}")

    # The value -------------------------------------------------------------------------------------------------------

    def _value(self) -> str:
        value = self._visible(self.raw.value).translate(BLANKS).strip()
        steps: dict[str, Callable[[str], str]] = {"TXT": self._text, "CNAME": self._host, "MX": self._exchange}
        return steps[self.raw.type](value)

    def _visible(self, text: str) -> str:
        return self._changed(text, text.translate(INVISIBLE), "Invisible characters were taken out.")

    def _text(self, value: str) -> str:
        value = self._changed(value, value.translate(SMART_QUOTES), "Typographic quotes were replaced by plain ones.")
        plain = unquoted(value)
        if plain != value and not self.raw.zone:
            many = re.search(r'"\s+"|""', value[1:-1])
            self.repairs.append("Quotes around the value were taken off" + (" and its parts joined." if many else "."))
        if plain == value and value.count('"') == 1:
            plain = value.strip('" ')
            self._changed(value, plain, "A quote without its partner was taken off.")
        plain = self._changed(plain, plain.replace("\\;", ";"), "Backslashes before semicolons were taken out.")
        if plain.lower().startswith("v=spf1"):
            plain = self._changed(plain, plain.translate(DASHES), "Typographic dashes were replaced by plain ones.")
        return _KEY.sub(self._key, plain) if self._is_key(plain) else plain

    def _is_key(self, value: str) -> bool:
        return "domainkey" in self.raw.name.lower() or value.lower().startswith(("v=dkim1", "k=rsa", "k=ed25519"))

    def _key(self, match: re.Match[str]) -> str:
        key = match[3].strip()
        key = self._changed(key, "".join(key.split()), "Blanks inside the key were taken out.")
        return f"{match[1]}{match[2]}{key}"

    def _host(self, value: str) -> str:
        host = value.translate(SMART_QUOTES)
        host = self._changed(host, host.strip("\"'` "), "Quotes around the value were taken off.")
        host = self._changed(
            host, _LINK.sub("", host, count=1).rstrip("/"), "A host name is no link: https:// was taken off."
        )
        plain = host.removesuffix(".")
        if not self.raw.zone:
            self._changed(host, plain, "The final dot of the value was taken off.")
        elif host == plain:
            self.repairs.append("The value lacks its final dot; it is read as the full name.")
        return plain

    def _exchange(self, value: str) -> str:
        first, _, rest = value.strip('"').partition(" ")
        if first.isdigit() and rest:
            return f"{first} {self._host(rest.strip())}"
        self.remarks.append(f"No priority was given; {DEFAULT_PRIORITY} is assumed.")
        return f"{DEFAULT_PRIORITY} {self._host(value)}"


def _in_ascii(name: str) -> str:
    """Return a name with the labels in other letters as A-labels, where they are labels at all."""
    try:
        return ".".join(label if label.isascii() else canonical(label) for label in name.split("."))
    except ValidationError:
        return name
