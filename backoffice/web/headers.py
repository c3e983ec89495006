"""The headers of every answer, whatever answered: pages, errors and redirects alike, static files too.

This is the outermost middleware: an answer that another one gives early has them as well.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]

# What no page uses (W3C Permissions Policy 5.1). Of a name that it does not know Chromium warns on
# every page. Passkeys are for this site alone.
DENIED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer"),
    *("microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb"),
    *("window-management", "xr-spatial-tracking"),
)
OWN = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join((*(f"{name}=()" for name in DENIED), *(f"{name}=(self)" for name in OWN)))
USUAL = {
    "Permissions-Policy": PERMISSIONS,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}
SECRETS_IN_ADDRESSES = ("key", "token")  # the parameters of addresses that open something by themselves
KEY_IN_SESSION = "set-password"  # what allauth has in its place once the session holds the key


class HeadersMiddleware:
    """Give an answer each of `USUAL` that it has not, and have nobody keep it unless it says that it is public."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_at_secret_address(request) and response.get("Referrer-Policy") in (None, USUAL["Referrer-Policy"]):
            response["Referrer-Policy"] = _referrer_policy(response)
        for name, value in USUAL.items():
            response.setdefault(name, value)
        if not _says(response, "public", "no-store"):
            response["Cache-Control"] = "no-store"
        return response


def _says(response: HttpResponse, *directives: str) -> bool:
    return not set(directives).isdisjoint(response.get("Cache-Control", "").replace(" ", "").split(","))


def _is_at_secret_address(request: HttpRequest) -> bool:
    given = request.resolver_match.kwargs if request.resolver_match else {}
    return any(given.get(name, "") not in ("", KEY_IN_SESSION) for name in SECRETS_IN_ADDRESSES)


def _referrer_policy(response: HttpResponse) -> str:
    """Return what names the address to nobody. A page names its origin: a form sent from one of "no-referrer" would
    come from the origin "null" (Fetch 3.2), which the protection against forged forms refuses."""
    return "no-referrer" if 300 <= response.status_code < 400 else "strict-origin"
