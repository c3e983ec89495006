"""The request as the web server's handler makes it: read as UTF-8, whatever its Content-Type claims."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Django decodes queries and forms by any codec of Python's that a client names, also where there is no
    body: by one that fails ("hex") before a middleware could answer, or that makes NUL of letters ("utf-7")."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Keep what kind of body it is, and none where the header itself cannot be decoded (RFC 2231)."""
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer for the whole path: the product is at the root of its hosts. gunicorn believes a proxy on the same
        machine that passes on a client's header SCRIPT_NAME, which hides a page from the proxy's own rules."""
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        return super().__call__(environ | {"SCRIPT_NAME": "", "PATH_INFO": path}, start_response)
