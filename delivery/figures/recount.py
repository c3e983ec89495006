"""Count the figures anew from the log: for rows that came past the product, and to prove that folding counts the same.

Nothing is accepted or sent meanwhile; 10 million deliveries take some minutes.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from delivery.figures import delays
from delivery.figures.change_log import RESTING, hour_sql
from delivery.models import DailyFigure, Delivery, Email, FoldMark, HourlyFigure, StatusChange
from delivery.models.figures import EVERYBODY
from smtp_settings.models.server import DEFAULT_KEY

MEMORY = "SET LOCAL work_mem = '256MB'"  # for millions of sums; each would be sorted on disk otherwise
LOCK = "LOCK TABLE delivery_email, delivery_delivery, delivery_attempt IN SHARE MODE"
COUNTED = f"({', '.join(repr(str(status)) for status in (*RESTING, Delivery.Status.SENT))})"
SECONDS = {
    "postgresql": "EXTRACT(EPOCH FROM d.finished_at - COALESCE(e.scheduled_at, d.accepted_at))",
    "sqlite": "(julianday(d.finished_at) - julianday(COALESCE(e.scheduled_at, d.accepted_at))) * 86400",
}
OF_EVERYBODY = f"""
    INSERT INTO delivery_hourlyfigure (hour, application, tenant, server_key, outcome, delay, deliveries)
    SELECT hour, {EVERYBODY}, {EVERYBODY}, '', outcome, delay, SUM(deliveries)
    FROM delivery_hourlyfigure WHERE hour >= %s GROUP BY 1, 5, 6
"""  # noqa: S608
DAYS = """
    INSERT INTO delivery_dailyfigure (day, tenant, server_key, outcome, delay, deliveries)
    SELECT hour / 24, tenant, server_key, outcome, delay, SUM(deliveries)
    FROM delivery_hourlyfigure WHERE hour >= %s GROUP BY 1, 2, 3, 4, 5
"""
SERVER_KEY = {
    "postgresql": "server_id::text",
    "sqlite": "substr(server_id, 1, 8) || '-' || substr(server_id, 9, 4) || '-' || substr(server_id, 13, 4) || '-' "
    "|| substr(server_id, 17, 4) || '-' || substr(server_id, 21)",
}


@transaction.atomic
def recount() -> int:
    """Replace the figures of the days that the log still holds whole; return how many deliveries are counted."""
    FoldMark.objects.get_or_create(pk=1)
    mark = FoldMark.objects.select_for_update().get(pk=1)
    if connection.vendor == "postgresql":
        _execute(MEMORY)
        _execute(LOCK)
    first_day = _first_whole_day()
    HourlyFigure.objects.filter(hour__gte=first_day * 24).delete()
    DailyFigure.objects.filter(day__gte=first_day).delete()
    StatusChange.objects.filter(hour__gte=first_day * 24).delete()
    _execute(_hours_sql(), first_day * 24)
    _execute(OF_EVERYBODY, first_day * 24)
    _execute(DAYS, first_day * 24)
    _count_tries(mark.folded)
    mark.folded = _last_attempt()
    mark.save()
    everybody = HourlyFigure.objects.filter(hour__gte=first_day * 24, tenant=EVERYBODY)
    counted = everybody.aggregate(sum=Sum("deliveries"))
    return counted["sum"] or 0


def _first_whole_day() -> int:
    """Return the first day of which nothing can have been forgotten; 0 where nothing is counted from before it."""
    oldest = Email.objects.order_by("accepted_at").values_list("accepted_at", flat=True).first()
    now = timezone.now()
    kept_since = max(oldest or now, now - timedelta(days=settings.LOG_DAYS))  # some older mail waits still
    day = int(kept_since.timestamp()) // 86400
    return day + 1 if DailyFigure.objects.filter(day__lt=day).exists() else 0


def _hours_sql() -> str:
    """Return what counts the deliveries, hour by hour, as folding does, so that an hour lies in few pages."""
    vendor = connection.vendor
    return f"""
        INSERT INTO delivery_hourlyfigure (hour, application, tenant, server_key, outcome, delay, deliveries)
        SELECT hour, application, tenant, server_key, status,
            CASE WHEN status = '{Delivery.Status.SENT}' THEN {delays.number_sql("seconds")} ELSE 0 END, COUNT(*)
        FROM (
            SELECT {hour_sql("d.accepted_at")[vendor]} AS hour, COALESCE(d.application_id, 0) AS application,
                d.tenant, d.server_key, d.status, {SECONDS[vendor]} AS seconds
            FROM delivery_delivery d JOIN delivery_email e ON e.id = d.email_id WHERE d.status IN {COUNTED}
        ) AS counted WHERE hour >= %s GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
    """  # noqa: S608


def _count_tries(folded: int) -> None:
    """Count the tries of the attempts that are not folded; others are of mail that may be forgotten by now."""
    _execute(
        f"""
        INSERT INTO delivery_serverfigure (hour, server_key, outcome, tries)
        SELECT {hour_sql("at")[connection.vendor]}, COALESCE({SERVER_KEY[connection.vendor]}, '{DEFAULT_KEY}'),
            outcome, COUNT(*) FROM delivery_attempt WHERE id > %s GROUP BY 1, 2, 3
        ON CONFLICT (hour, server_key, outcome) DO UPDATE SET tries = delivery_serverfigure.tries + EXCLUDED.tries
        """,  # noqa: S608
        folded,
    )


def _last_attempt() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM delivery_attempt")
        return int(cursor.fetchone()[0])


def _execute(sql: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
