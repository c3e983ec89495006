"""Every address of the project, as Django's resolver has them, and how to fill their parameters."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

from people.access import Access, access_of

WORDS = {"brand": ("3457b2",)}  # the words that a slug takes, by its name
ALTERNATIVES = re.compile(r"\(\?P<(\w+)>(\w+(?:\|\w+)+)\)")
NUMBER, ID = "number", "id"


@dataclass(frozen=True)
class Address:
    """`template` has its parameters as `%(name)s`; `kinds` maps each to `NUMBER`, `ID` or the words that it takes.

    `access` is who may have it, None where nothing says so; `console` whose page it is, "" outside the consoles.
    """

    template: str
    kinds: Mapping[str, str | tuple[str, ...]]
    access: Access | None = None
    console: str = ""

    @property
    def ids(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind in (NUMBER, ID)]

    def filled(self, key: str, *, own: str) -> Iterator[str]:
        """Yield the address with each word, and `key` as every id; also as the last one only, behind ids of `own`."""
        words = {name: kind for name, kind in self.kinds.items() if name not in self.ids}
        if NUMBER in self.kinds.values() and not key.isdecimal():
            return
        for chosen in product(*words.values()):
            said = dict(zip(words, chosen, strict=True))
            yield self.template % (said | dict.fromkeys(self.ids, key))
            if len(self.ids) > 1:
                yield self.template % (said | dict.fromkeys(self.ids, own) | {self.ids[-1]: key})

    def __str__(self) -> str:
        return self.template % {name: f"<{name}>" for name in self.kinds}


def addresses(patterns: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[Address]:
    """Yield what can be asked for; raises `ValueError` where a parameter is of no known kind."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, before + str(entry.pattern))
        else:
            yield _address(before, entry)


def _address(before: str, entry: URLPattern) -> Address:
    pattern: Any = entry.pattern
    if isinstance(pattern, RoutePattern):
        template = re.sub(r"<(?:\w+:)?(\w+)>", r"%(\1)s", str(pattern))
        kinds = {name: _kind(name, type(converter).__name__) for name, converter in pattern.converters.items()}
    else:
        alternatives = {name: tuple(words.split("|")) for name, words in ALTERNATIVES.findall(str(pattern))}
        template, names = normalize(str(pattern))[-1]
        kinds = {name: alternatives.get(name, ID) for name in names}
    if "<" in before:
        raise ValueError(f"{before} has parameters before an include(), which the walk does not fill yet")
    console = getattr(entry.callback, "console", None)
    return Address(before + template, kinds, access_of(entry.callback), console.name if console else "")


def _kind(name: str, converter: str) -> str | tuple[str, ...]:
    if converter == "SlugConverter":
        if name not in WORDS:
            raise ValueError(f"say in {__name__}.WORDS which words the parameter {name} takes")
        return WORDS[name]
    if converter == "IntConverter":
        return NUMBER
    if converter not in ("StringConverter", "PathConverter", "UUIDConverter"):
        raise ValueError(f"the parameter {name} has a {converter}, which the walk cannot fill yet")
    return ID
