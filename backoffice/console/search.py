"""The search of a console (Ctrl+K): its pages, and the rows that its modules find for whoever may see them.

Nothing of it is kept: what one person is shown depends on their rights, the console and the white-label.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest

from backoffice.console.navigation import Entry, account_links, link_to
from people.roles import Right

TYPED_CHARS, WORDS_MOST = 200, 5
SHOWN = 5  # of each kind


@dataclass(frozen=True)
class Hit:
    """Something that was found: what it is called, what else is known of it, and the address of its page."""

    title: str
    link: str
    about: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Found:
    """What was found of a kind. `note` says why there may be more."""

    kind: str
    hits: Sequence[Hit]
    note: str = ""


@dataclass(frozen=True)
class Source:
    """Finds a kind of row for somebody who has the `right`, with a bounded number of queries, each with its limit."""

    kind: str
    right: Right
    find: Callable[[HttpRequest, str], Found]


def typed_in(request: HttpRequest) -> str:
    """Return what is searched for, with single blanks."""
    return " ".join(request.GET.get("s", "")[:TYPED_CHARS].split())


def search(
    request: HttpRequest, pages: Iterable[Entry], sources: Iterable[Source], reads: frozenset[Right]
) -> list[Found]:
    """Return every kind of which something was found or is to be said."""
    typed = typed_in(request)
    if not typed:
        return []
    found = [Found("Pages", list(_pages(request, pages, typed)))]
    found += [source.find(request, typed) for source in sources if source.right in reads]
    return [each for each in found if each.hits or each.note]


def rows(of: "QuerySet[Any]", typed: str, *fields: str) -> "list[Any]":
    """Return up to one more than `SHOWN` rows with every word of `typed` in some field; first those that begin so."""
    for word in typed.split()[:WORDS_MOST]:
        of = of.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)))
    begins = reduce(or_, (Q(**{f"{field}__istartswith": typed}) for field in fields))
    place = Case(When(begins, then=Value(0)), default=Value(1))
    return list(of.order_by(place, fields[0], "pk")[: SHOWN + 1])


def found(kind: str, hits: Iterable[Hit]) -> Found:
    """Return the first `SHOWN` of `hits`, and whether there are more."""
    some = list(hits)
    return Found(kind, some[:SHOWN], "There are more: type more of it." if len(some) > SHOWN else "")


def _pages(request: HttpRequest, pages: Iterable[Entry], typed: str) -> Iterator[Hit]:
    for entry in pages:
        if _is_called(f"{entry.title} {entry.also}", typed) and (link := link_to(request, entry)):
            yield Hit(entry.title, link, icon=entry.icon)
    for item in account_links(request):
        if _is_called(item["title"], typed):
            yield Hit(item["title"], item["link"], "Your account", "person")


def _is_called(names: str, typed: str) -> bool:
    """Return whether every typed word is the beginning of one of the names."""
    words = names.casefold().replace("-", " ").split()
    return all(any(word.startswith(part) for word in words) for part in typed.casefold().replace("-", " ").split())
