"""Cache routes for a moment, so that a run does not ask for the same one again and again.

The age bounds how long a refused domain, a server switched off or a new owner can go unnoticed.
"""

import time

from delivery.models import Email
from delivery.outbox.leased import LeasedDelivery
from whitelabel.models import Application
from whitelabel.routing import Address, Route, route_for

MAX_AGE_SECONDS = 2.0
MAX_ROUTES = 10_000

_routes: dict[tuple[int | None, str, str], tuple[float, Route]] = {}


def cached_route(email: Email | LeasedDelivery) -> Route:
    """Return the route of `email`, decided at most two seconds ago."""
    key = (email.application_id, email.wanted_name, email.wanted_address)
    known = _routes.get(key)
    if known and time.monotonic() - known[0] < MAX_AGE_SECONDS:
        return known[1]
    application = email.application_id and Application.objects.select_related("owner", "white_label__server").get(
        pk=email.application_id
    )
    route = route_for(application or None, Address(email.wanted_name, email.wanted_address))
    if len(_routes) >= MAX_ROUTES:
        _routes.clear()
    _routes[key] = (time.monotonic(), route)
    return route


def invalidate_holds() -> None:
    """Have routes that hold mail decided anew: what held them may have ended this moment."""
    for key in [key for key, (_, route) in list(_routes.items()) if route.hold]:
        _routes.pop(key, None)


def clear_routes() -> None:
    _routes.clear()
