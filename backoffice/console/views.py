"""A page that both consoles have: a class-based view, which each of them subclasses with what differs."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from backoffice.console.scope import current_person
from backoffice.console.site import Console
from people.models import User

INVALID = 422


class ConsoleMixin(TemplateResponseMixin, ContextMixin):
    """Render a view inside the layout of `console`; a form with mistakes is answered with `INVALID`."""

    console: Console
    http_method_names: Sequence[str] = ["get", "post", "head", "options"]  # FormView takes a PUT for a POST
    request: HttpRequest
    kwargs: dict[str, Any]
    title = ""

    @property
    def person(self) -> User:
        return current_person(self.request)

    def get_title(self) -> str:
        return self.title

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        self.request.current_app = self.console.name
        layout = {**self.console.each_context(self.request), "title": self.get_title()}
        return super().render_to_response({**layout, **context}, **response_kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)
