"""The HTTP API for applications in other languages, in the shape that the Resend SDKs speak."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, re_path
from ninja import NinjaAPI, Swagger

from gateway.http import domains, emails, errors, provisioning
from gateway.http.errors import Refused
from gateway.models import Key
from people.access import Audience, declare
from people.client_address import client_address
from people.refusals import note_refusal

View = Callable[..., HttpResponse]
ABOUT_THE_API = ("openapi-json", "openapi-view", "api-root")  # by name; everything else is a call, which takes a key


def _nobody(request: HttpRequest) -> None:
    """Let nobody in: a router that does not say which scope its calls need is shut."""


class Api(NinjaAPI):
    def get_content_type(self) -> str:
        """Some clients compare it as it is; JSON has no parameter charset (RFC 8259 11)."""
        return "application/json"


api = Api(
    title="E-mail for applications",
    version="1",
    description="Send e-mail for an application, follow it, and request sending domains; with a key of the platform, "
    "provision people, white-labels and applications. Sign in with a key.",
    auth=_nobody,
    urls_namespace="api",
    docs=Swagger(settings={"deepLinking": True, "persistAuthorization": False}),
)
errors.install(api)
api.add_router("/emails", emails.router)
api.add_router("/domains", domains.router)
api.add_router("/people", provisioning.people)
api.add_router("/white-labels", provisioning.white_labels)
api.add_router("/applications", provisioning.applications)
api.add_router("/sync", provisioning.sync)


def _at_the_door(view: View) -> View:
    """Close every page of the API where no address of it is set, and have it refuse in JSON whatever is wrong."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.API_URL:
            return errors.answer(errors.not_offered())
        response = view(request, *args, **kwargs)
        if response.status_code == 404:
            _note_foreign(request)
        if isinstance(response, HttpResponseNotAllowed):
            refused = errors.answer(Refused(405, "method_not_allowed", f"{request.method} is not offered here."))
            refused["Allow"] = response["Allow"]
            return refused
        return response

    page.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens anything here
    return page


def _note_foreign(request: HttpRequest) -> None:
    """Count it where an application's key asked for what is not there, or is somebody else's."""
    key, match = getattr(request, "auth", None), request.resolver_match
    if isinstance(key, Key) and key.application_id and match is not None:
        note_refusal(f"/{match.route}", who=key.shown, address=client_address(request))


def _nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    return errors.answer(errors.not_offered())


def _pages() -> list[URLPattern]:
    pages = [page for page in api.urls[0] if isinstance(page, URLPattern)]
    for page in pages:  # of the root only the address is needed
        page.callback = _at_the_door(_nothing if page.name == "api-root" else cast(View, page.callback))
        declare(page.callback, Audience.ANYBODY if page.name in ABOUT_THE_API else Audience.KEY_HOLDERS)
    nothing = declare(_at_the_door(_nothing), Audience.ANYBODY)
    return [*pages, re_path(r"^(?P<rest>.*)\Z", nothing, name="nothing")]


urlpatterns = (_pages(), "api", "api")
