"""A page for whoever asks for an address by a method that it does not have, such as by typing what only a form is
sent to: a browser shows what Django answers as a failure of its own (405, RFC 9110, 15.5.6)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from backoffice.console.interrupted import readable_above

View = Callable[[HttpRequest], HttpResponse]


class MethodsMiddleware:
    """Fill an empty answer 405; what the HTTP API and the page behind a link say of it themselves stays."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = render(request, "405.html", {"way_on": _way_on(request)}, status=405)
        for name, value in response.items():
            if name != "Content-Length":
                page[name] = value
        page.cookies = response.cookies
        return page


def _way_on(request: HttpRequest) -> str:
    """Return the nearest page that can be read, as a relative link: it says the same whatever id the address has."""
    rest = request.path.removeprefix(readable_above(request))
    return "../" * rest.count("/") or "./"
