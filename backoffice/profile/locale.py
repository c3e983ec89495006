"""Show pages to a person in their language and their time zone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from people.models import User
from people.reading import as_read_by

View = Callable[[HttpRequest], HttpResponse]


class PersonalLocaleMiddleware:
    """Whoever brings no session is asked nothing, so that doors and public pages cost no query more."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if not isinstance(person, User):
            return self.get_response(request)
        with as_read_by(person):
            return self.get_response(request)
