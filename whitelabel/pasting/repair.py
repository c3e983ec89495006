"""Repair what can be repaired safely in a record as it was written, say what was changed, and refuse what is none."""

import re
import unicodedata
from collections.abc import Callable

from django.core.exceptions import ValidationError

from whitelabel.dns.record import Record
from whitelabel.domain_names import canonical, registrable
from whitelabel.pasting.markup import BLANKS, INVISIBLE, UNSEEN
from whitelabel.pasting.result import PastedRow, Raw, Unread
from whitelabel.pasting.shapes import (
    exchange_of,
    fits,
    host_in,
    is_host,
    is_name,
    is_strong_name,
    needs_name,
    without_buttons,
)
from whitelabel.pasting.words import is_apex_phrase, is_page_word, label_of
from whitelabel.records import VALUE_MAX_CHARS, full_name, plain_value, unquoted

NAME_MAX_CHARS = 500
LINE_BREAKS = {9: " ", 10: " ", 13: " "}
SMART_QUOTES = str.maketrans("“”„‟«»", '""""""')
DASHES = str.maketrans("–—−‑", "----")
KNOWN_ENDINGS = frozenset({"com", "net", "org"})
# two letters are a country, but short hosts have two letters as well: these alone are surely a domain's end
COUNTRY_ENDINGS = frozenset("de fr uk eu ch at nl be it es pt br pl se dk no fi cz us ca au jp cn ru io co".split())
DEFAULT_PRIORITY = 10
NAMELESS = "No name was given; it is read as the domain itself."
MAYBE_FULL = "The name ends like one of another domain (.{ending}); it is read as a name below {domain}."
ASSUMED = f"No priority was given; {DEFAULT_PRIORITY} is assumed."
STOOD_IN = "“{part}” in the name stood for the domain; compare the name."
FIRST_WORD = "The name is the first word of “{text}”; compare it."
_KEY = re.compile(r"(^|;)(\s*p\s*=)([^;]*)")
_LINK = re.compile(r"https?://", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[<{\[%$(]+[^<>{}\[\]%()]{1,40}[>}\])%]+$|\$\w+$"
    r"|(?:your|my|votre|mon|ihre?|deine?|meine?|tu|su|mi|tuo|suo|vostro|seu|sua|teu)-?_?(?:domaine?|dominio|site|firma)"
    r"(?:[.-]?name)?\.[a-z]{2,6}(?:\.[a-z]{2})?$",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(r"\s*(?:\(|\)|/|,|\s(?:or|oder|ou|o|oppure|bzw\.?|resp\.?)\s)\s*", re.IGNORECASE)


class Refused(Exception):
    """A record that is none after all; the message says why."""


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
        except Refused as refused:
            return Unread(self.raw.line, str(refused))
        record = Record(self.raw.type, name, value)
        return PastedRow(record, tuple(dict.fromkeys(self.repairs)), tuple(dict.fromkeys(self.remarks)), self.raw.line)

    def _changed(self, before: str, after: str, sentence: str) -> str:
        if before != after:
            self.repairs.append(sentence)
        return after

    def _visible(self, text: str) -> str:
        return self._changed(text, text.translate(INVISIBLE), UNSEEN).translate(BLANKS)

    # The name --------------------------------------------------------------------------------------------------------

    def _name(self, value: str) -> str:
        name = self._typed_name()
        if not name:
            if self.raw.type == "TXT" and needs_name(value):
                raise Refused("its name is missing")
            self.remarks.append(NAMELESS)
        if name in {"", "@", "."}:
            return self.raw.origin or "@"
        name = self._in_full(_in_ascii(self._without_placeholder(name)))
        for repair in (self._once, self._underscored):
            name = repair(name, value)
        if not self._within(name):
            self.remarks.append(f"The name is outside of {self.above}: only whoever runs that domain can publish it.")
        return f"{name}."

    def _typed_name(self) -> str:
        """Return the name without what is around it; raises `Refused` where it is none."""
        typed = self._visible(self.raw.name).translate(SMART_QUOTES).strip()
        name = self._changed(typed, typed.strip("\"'` "), "Quotes around the name were taken off.").lower()
        name = self._changed(name, name.replace("\\", ""), "Backslashes in the name were taken out.")
        name = self._changed(name, _LINK.sub("", name).rstrip("/"), "A name is no link: https:// was taken off.")
        if is_apex_phrase(name):
            return self._changed(name, "@", f"“{typed}” is read as the domain itself.")
        if not is_name(name) and name not in {"", "@", "."}:
            name = self._changed(
                name, self._of_alternatives(without_buttons(name)), f"The name was read from “{typed}”."
            )
        first = name.partition(" ")[0]
        if not is_name(name) and is_strong_name(first):
            self.remarks.append(FIRST_WORD.format(text=typed))
            name = first
        if _mixes_scripts(name):
            raise Refused(_mixed(name))
        if name and is_page_word(name) and label_of(name) is None:
            raise Refused(f"“{typed}” is a word of the page, not a name")
        return name

    def _of_alternatives(self, name: str) -> str:
        """Return the one name that a text gives in several spellings ("@ or example.com"), or the text itself."""
        options = [part for part in _ALTERNATIVES.split(name) if part and is_name(part)]
        fulls = {full_name(self._in_full(option), self.domain) if option != "@" else self.domain for option in options}
        return options[0] if len(fulls) == 1 else name

    def _without_placeholder(self, name: str) -> str:
        """Return a name without what stands for the domain at its end ("_dmarc.yourdomain.com")."""
        match = _PLACEHOLDER.search(name.removesuffix("."))
        if match is None or self._within(name.removesuffix(".")):
            return name
        self.remarks.append(STOOD_IN.format(part=match[0]))
        host = name[: match.start()].rstrip(".")
        return f"{host}.{self.domain}" if host else self.domain

    def _in_full(self, name: str) -> str:
        """Return the full name without its final dot."""
        bare = name.removesuffix(".")
        if self._within(bare):
            if self.raw.origin and not name.endswith("."):
                self.repairs.append("The name lacks its final dot; it is read as the full name.")
            return bare
        if name.endswith(".") and (self._has_known_ending(bare) or (self.raw.zone and "." in bare)):
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
        ending = host.rpartition(".")[2]
        if "." in host and ending in COUNTRY_ENDINGS:
            self.remarks.append(MAYBE_FULL.format(ending=ending, domain=self.domain))
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
        value = self._visible(self.raw.value).translate(LINE_BREAKS).strip()
        value = self._changed(value, _without_label(value), "A label in front of the value was taken off.")
        if not fits(self.raw.type, value) and not self.raw.zone and not _is_foreign(value):
            raise Refused(_no_value(self.raw.type, value))
        steps: dict[str, Callable[[str], str]] = {"TXT": self._text, "CNAME": self._host, "MX": self._exchange}
        return steps[self.raw.type](value)

    def _text(self, value: str) -> str:
        value = self._changed(value, without_buttons(value), "Buttons beside the value were left out.")
        value = self._changed(value, value.translate(SMART_QUOTES), "Typographic quotes were replaced by plain ones.")
        value = self._changed(value, value.strip("`").strip(), "Marks of emphasis were taken off.")
        value = self._changed(value, _without_single_quotes(value), "Quotes around the value were taken off.")
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
        host = self._changed(value, without_buttons(value), "Buttons beside the value were left out.")
        if _LINK.match(host.strip("\"'`“”<> ")):
            self.repairs.append("A host name is no link: https:// was taken off.")
        host = self._changed(_LINK.sub("", host).rstrip("/"), host_in(host), "Quotes around the value were taken off.")
        plain = host.removesuffix(".")
        if not self.raw.zone:
            self._changed(host, plain, "The final dot of the value was taken off.")
        elif host == plain:
            self.repairs.append("The value lacks its final dot; it is read as the full name.")
        return self._in_known_letters(plain)

    def _in_known_letters(self, host: str) -> str:
        """Return a target in ASCII; raises `Refused` where it mixes alphabets, as only a forged name does."""
        if _mixes_scripts(host):
            raise Refused(_mixed(host))
        ascii_host = _in_ascii(host)
        if ascii_host != host:
            self.remarks.append(f"The value {host} contains letters that are not ASCII; compare it.")
        if not is_host(ascii_host):
            raise Refused(_no_value(self.raw.type, host))
        return ascii_host

    def _exchange(self, value: str) -> str:
        found = exchange_of(value)
        host = self._host(found.host if found else value)
        priority = (found.priority if found else "") or self.raw.priority
        if not priority:
            self.remarks.append(ASSUMED)
        return f"{priority or DEFAULT_PRIORITY} {host}"


def _without_label(value: str) -> str:
    """Return a value without the label that a page wrote into the same cell ("Value: v=spf1 -all")."""
    head, colon, rest = value.partition(":")
    return rest.strip() if colon and rest[:1] == " " and rest.strip() and label_of(head) else value


def _without_single_quotes(value: str) -> str:
    inner = value[1:-1]
    return inner if len(value) > 2 and value[0] in "'‘" and value[-1] in "'’" and "'" not in inner else value


def _is_foreign(value: str) -> bool:
    return not value.isascii() and "." in value and len(value.split()) <= 2


def _mixes_scripts(name: str) -> bool:
    return any(len(_scripts(label)) > 1 for label in name.split("."))


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}


def _mixed(name: str) -> str:
    foreign = (one for one in name if one.isalpha() and not unicodedata.name(one, "").startswith("LATIN "))
    letter = next(foreign)
    described = unicodedata.name(letter, "unknown").lower()
    return f"“{name}” contains “{letter}” ({described}), which only looks like a usual letter"


def _no_value(kind: str, value: str) -> str:
    shown = value if len(value) <= 60 else f"{value[:60]}…"
    wanted = {"CNAME": "no host name, as a CNAME record needs", "MX": "no mail server, as an MX record needs"}
    return f"“{shown}” is {wanted.get(kind, 'no value of a TXT record')}"


def _in_ascii(name: str) -> str:
    """Return a name with the labels in other letters as A-labels, where they are labels at all."""
    try:
        return ".".join(label if label.isascii() else canonical(label) for label in name.split("."))
    except ValidationError:
        return name
