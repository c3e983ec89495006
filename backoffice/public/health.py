"""`/healthz`: whether this installation works, for load balancers and monitors. Names nobody and no secret."""

from datetime import datetime

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from delivery.models import Delivery

BROKER_SECONDS = 1


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database does; mail is accepted without a broker, so that only makes it "degraded"."""
    now, broker = timezone.now(), "ok" if _broker_answers() else "away"
    try:
        waiting = _oldest_due_seconds(now)
    except Error:
        return JsonResponse({"status": "unavailable", "database": "away", "broker": broker}, status=503)
    status = "ok" if broker == "ok" else "degraded"
    return JsonResponse({"status": status, "database": "ok", "broker": broker, "oldest_due_seconds": waiting})


def _oldest_due_seconds(now: datetime) -> float | None:
    """Return for how long the oldest due delivery has waited, None where nothing is due: a growing figure means that
    no worker runs, or none keeps up."""
    connection.ensure_connection()
    due = Delivery.objects.due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return round((now - due).total_seconds(), 1) if due else None


def _broker_answers() -> bool:
    timeouts = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **timeouts) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
