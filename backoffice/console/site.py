"""What both consoles share: a site that signs people in through allauth and gives its lists short addresses."""

from collections.abc import Callable, Iterable
from inspect import ismethod
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from backoffice.console.scope import current_person

ViewFunction = Callable[..., HttpResponse]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])


def note_change(request: HttpRequest, thing: Model, what: str) -> None:
    """Add to the history of `thing` what the person did, for changes that go through no form of the admin."""
    LogEntry.objects.log_actions(current_person(request).pk, [thing], CHANGE, what, single_object=True)


class Console(UnfoldAdminSite):
    """An admin site whose modules register their pages with it, as they register their lists.

    `short_addresses` maps a registered model to the path of its list, for example "deliveries".
    """

    short_addresses: dict[type[Model], str] = {}
    enable_nav_sidebar = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []

    def page(self, address: str, *, name: str) -> Callable[[AnyView], AnyView]:
        """Register the decorated function or class as the page at `address`, guarded like an admin's view."""

        def register(view: AnyView) -> AnyView:
            function = view.as_view() if isinstance(view, type) and issubclass(view, View) else view
            self._pages.append(path(address, self.admin_view(function), name=name))
            return view

        return register

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the pages, then the lists; without the admin's redirect to any object of any content type."""
        taken = {page.name for page in self._pages} | {"view_on_site"}
        lists = [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") not in taken]
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

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send people to the first page: how the product is divided into Django apps is nobody's business."""
        return HttpResponseRedirect(reverse(f"{self.name}:index"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to allauth's sign-in; those signed in without permission are told so by it."""
        target = request.GET.get("next") or reverse(f"{self.name}:index")
        if request.user.is_authenticated and not self.has_permission(request):
            return render(request, "console/wrong_console.html", {"console": self}, status=403)
        return redirect_to_login(target, resolve_url(settings.LOGIN_URL))

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
