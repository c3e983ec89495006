"""What both consoles share: a site that signs people in through allauth and gives its lists short addresses."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from inspect import ismethod
from itertools import chain
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import URLPattern, URLResolver, include, path, resolve, reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from backoffice.console.autocomplete import Offers
from backoffice.console.interrupted import sign_in_first
from backoffice.console.navigation import Entry
from backoffice.console.scope import current_person
from backoffice.console.search import Found, Source, search
from people.access import READING, Access, Audience, Rights, access_of, declare
from people.roles import Right

ViewFunction = Callable[..., HttpResponse]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])
READERS = Rights(get=Right.SEE)
OF_THE_SITE: dict[
    str | None, Access
] = {  # by name of the URL: what Django's and Unfold's sites bring; what has no name takes all that is not there
    **dict.fromkeys(("app_list", "autocomplete", "jsi18n", "search"), READERS),
    **dict.fromkeys(("password_change", "password_change_done"), READERS),
    "logout": Audience.ANYBODY,
    None: Rights(),
}


def note_change(request: HttpRequest, thing: Model, what: str) -> None:
    """Add to the history of `thing` what the person did, for changes that go through no form of the admin."""
    LogEntry.objects.log_actions(current_person(request).pk, [thing], CHANGE, what, single_object=True)


@cache
def _right_to_read(link: str) -> Right | None:
    access = access_of(resolve(link).func)
    return access.get if isinstance(access, Rights) else None


class Console(UnfoldAdminSite):
    """An admin site whose modules register their pages with it, as they register their lists.

    Each page says which right it needs, and so does each list (`ListAdmin.rights`); what says nothing is shut. A
    console says which rights the person has in it, and whether there are rows that are not for them
    (`has_foreign_rows`). `short_addresses` maps a registered model to the path of its list,
    for example "deliveries".
    """

    short_addresses: dict[type[Model], str] = {}
    has_foreign_rows = False
    menu: Mapping[str, Iterable[Entry]] = {}
    beside_menu: Iterable[Entry] = ()  # pages that the search finds, too
    enable_nav_sidebar = True
    empty_value_display = "–"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []
        self._sources: list[Source] = []

    def page(
        self, address: str, *, name: str, get: Right | None = None, post: Right | None = None
    ) -> Callable[[AnyView], AnyView]:
        """Register the decorated function or class as the page at `address`.

        `get` is the right that it needs to be read, `post` to be posted to; without one it has no such method.
        """

        def register(view: AnyView) -> AnyView:
            function = view.as_view() if isinstance(view, type) and issubclass(view, View) else view
            self._pages.append(path(address, self.guarded(function, get=get, post=post), name=name))
            return view

        return register

    def searched(self, kind: str, right: Right) -> Callable[[Callable[[HttpRequest, str], Found]], object]:
        """Register the decorated function: it finds a kind of row for the search, for whoever has the right."""

        def register(find: Callable[[HttpRequest, str], Found]) -> object:
            self._sources.append(Source(kind, right, find))
            return find

        return register

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Answer the search of every page of the console (Ctrl+K), in place of Unfold's, which keeps what it found."""
        pages = (*chain.from_iterable(self.menu.values()), *self.beside_menu)
        found = search(request, pages, self._sources, self.reads_of(request))
        count = sum(len(each.hits) for each in found)
        return render(request, "console/search/results.html", {"found": found, "count": count})

    def guarded(self, view: Callable[..., Any], *, get: Right | None = None, post: Right | None = None) -> ViewFunction:
        """Return `view` guarded like an admin's, for whoever has the rights: see `page`."""
        if get is None and post is None:
            raise ValueError("Say which right the page needs: get=, post= or both.")
        return declare(self.admin_view(view), Rights(get, post))

    def rights_of(self, request: HttpRequest) -> frozenset[Right]:
        """Return what the person may do here."""
        raise NotImplementedError

    def reads_of(self, request: HttpRequest) -> frozenset[Right]:
        """Return the rights whose pages the person may read here; more than they may do where they only look."""
        return self.rights_of(request)

    def is_looked_at(self, request: HttpRequest) -> bool:
        """Return whether the person is here only to look: nothing is changed by that, not even what is read."""
        return False

    def counts(self, response: HttpResponse) -> bool:
        """Return whether `response` refuses a page, or a row as if it were not there."""
        return response.status_code == 403 or (response.status_code == 404 and self.has_foreign_rows)

    def opens(self, request: HttpRequest, link: str) -> bool:
        """Return whether the person may read the page of a console that `link` leads to."""
        return _right_to_read(link) in self.reads_of(request)

    def roles_in_words(self, request: HttpRequest) -> dict[str, str]:
        """Return the person's `roles` here, and `whom_to_ask` for others."""
        raise NotImplementedError

    def turn_away(self, request: HttpRequest, rights: Rights) -> HttpResponse | None:
        """Return the answer to whoever may not have a page that needs `rights`, None to whoever may.

        Raises `Http404` where that is everybody.
        """
        if not self.has_permission(request):
            return self._outside(request)
        if not rights.methods:
            raise Http404
        needed = rights.needed(request.method)
        if needed is None:
            return HttpResponseNotAllowed(rights.methods)
        if needed not in (self.reads_of if request.method in READING else self.rights_of)(request):
            context = {
                "title": "Not allowed",
                "first_page": reverse(f"{self.name}:index"),
                **self.roles_in_words(request),
            }
            return self.render(request, "console/not_allowed.html", context, status=403)
        return None

    def _outside(self, request: HttpRequest) -> HttpResponse:
        """Send strangers to the sign-in, and tell those who have no role here."""
        if request.user.is_authenticated:
            return self.login(request)
        return sign_in_first(request, reverse(f"{self.name}:login"))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the pages, then the lists; without the admin's redirect to any object of any content type."""
        taken = {page.name for page in self._pages} | {"view_on_site"}
        lists = [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") not in taken]
        for pattern in lists:
            if isinstance(pattern, URLPattern) and pattern.name in OF_THE_SITE and not ismethod(pattern.callback):
                declare(pattern.callback, OF_THE_SITE[pattern.name])
        urls = [*self._pages, *(self._shortened(pattern) for pattern in lists)]
        self._mark_as_own(urls)
        return urls

    def _mark_as_own(self, urls: Iterable[URLPattern | URLResolver]) -> None:
        """Let `ConsoleMiddleware` know whose pages these are; `login` is nobody's."""
        for pattern in urls:
            if isinstance(pattern, URLResolver):
                self._mark_as_own(pattern.url_patterns)
            elif not ismethod(pattern.callback):
                pattern.callback.console = self  # type: ignore[attr-defined]

    def _shortened(self, pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
        for model, address in self.short_addresses.items():
            if str(pattern.pattern) == f"{model._meta.app_label}/{model._meta.model_name}/":
                return path(f"{address}/", include(pattern.url_patterns))  # type: ignore[union-attr]
        return pattern

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return Offers.as_view(admin_site=self)(request)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send people to the first page: how the product is divided into Django apps is nobody's business."""
        return HttpResponseRedirect(reverse(f"{self.name}:index"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to allauth's sign-in; those signed in who have no role here are told so."""
        target = request.GET.get("next") or reverse(f"{self.name}:index")
        if request.user.is_authenticated and not self.has_permission(request):
            return render(request, "console/wrong_console.html", {"console": self}, status=403)
        return redirect_to_login(target, resolve_url(settings.LOGIN_URL))

    declare(login, Audience.ANYBODY)

    @method_decorator(never_cache)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST":
            get_adapter(request).logout(request)
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))

    def render(
        self, request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """Render a page of this console inside its layout."""
        request.current_app = self.name
        return render(request, template, {**self.each_context(request), **(context or {})}, status=status)
