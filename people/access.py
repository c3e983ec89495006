"""Who may have a page. Each says so where it is registered, and the gate before every view goes by it alone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver

from people.roles import Right

AnyView = TypeVar("AnyView", bound=Callable[..., Any])
READING = ("GET", "HEAD")


class Audience(StrEnum):
    """Whom a page is for that needs no right, by any method."""

    ANYBODY = "anybody"
    SIGNED_IN = "whoever is signed in"
    KEY_HOLDERS = "whoever has a key of the API; each call names the scope"
    NOBODY = "nobody: it is not offered"


@dataclass(frozen=True)
class Rights:
    """The right that a page of a console needs to be read, and to be posted to; it has no other methods than those.

    With neither it is nobody's, and as if it were not there.
    """

    get: Right | None = None
    post: Right | None = None

    def needed(self, method: str | None) -> Right | None:
        """Return what `method` needs, None where the page does not have it."""
        if method in READING:
            return self.get
        return self.post if method == "POST" else None

    @property
    def methods(self) -> list[str]:
        return [*(READING if self.get else ()), *(["POST"] if self.post else ())]


Access = Audience | Rights


def undeclared(pages: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Yield the addresses of the pages that nobody has declared, which are nobody's."""
    for page in pages:
        address = f"{before}{page.pattern}"
        if isinstance(page, URLResolver):
            yield from undeclared(page.url_patterns, address)
        elif access_of(page.callback) is None:
            yield address


def declare(view: AnyView, access: Access) -> AnyView:
    """Say who may have the page of `view`."""
    view.access = access  # type: ignore[attr-defined]
    return view


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return who may have the page of `view`, None where nobody has said so."""
    access: Access | None = getattr(view, "access", None)
    return access
