"""Claim 100 at a time from a backlog of N, on PostgreSQL: `python -m benchmarks.programs.product_claim N`.

The backlog is that of ten white-labels. Its rows are copies of mail that was accepted the usual way, made by SQL.
Finds the median and the 95th percentile in milliseconds.
"""

import sys
import time
from statistics import quantiles

import django
from django.db import connection
from django.db.models import Model

from benchmarks import sample
from benchmarks.programs import take_part

TENANTS = 10
CLAIMS = 200
BATCH = 100


def backlog(count: int) -> str:
    """Make the backlog and return the key of its server."""
    from delivery.api import send
    from delivery.models import Delivery
    from whitelabel.models import Application, WhiteLabel

    shop = Application.objects.select_related("owner").get()
    for number in range(TENANTS):
        white_label = WhiteLabel.objects.create(name=f"Tenant {number}", brand_name=f"Tenant {number}")
        application = Application.objects.create(name=f"App {number}", owner=shop.owner, white_label=white_label)
        email = send(
            application, to=sample.recipient(number), subject=sample.SUBJECT, text=sample.TEXT, html=sample.HTML
        )
        copy(str(email.pk), count // TENANTS - 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE delivery_delivery")
    return Delivery.objects.values_list("server_key", flat=True)[0]


def copy(email: str, times: int) -> None:
    """Multiply an e-mail and its delivery; each copy has its own Message-ID and time."""
    from delivery.models import Delivery, Email

    of_email, of_delivery = columns(Email, "id", "message_id"), columns(Delivery, "id", "email_id", "due_at")
    sql = f"""
        WITH copies AS (
            INSERT INTO delivery_email (id, message_id, {", ".join(of_email)})
            SELECT gen_random_uuid(), '<' || gen_random_uuid() || '@backlog>', {", ".join(of_email)}
            FROM delivery_email, generate_series(1, %s) WHERE id = %s
            RETURNING id AS copy_id
        )
        INSERT INTO delivery_delivery (email_id, due_at, {", ".join(of_delivery)})
        SELECT copy_id, due_at - random() * interval '1 h', {", ".join(of_delivery)}
        FROM copies, delivery_delivery WHERE email_id = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [times, email, email])


def columns(model: type[Model], *left_out: str) -> list[str]:
    return [f'"{field.column}"' for field in model._meta.concrete_fields if field.column not in left_out]


def claims(server_key: str) -> dict[str, float]:
    from delivery.outbox.batch import claim

    milliseconds = []
    for _ in range(CLAIMS):
        started = time.perf_counter()
        batch = claim(server_key, limit=BATCH)
        milliseconds.append((time.perf_counter() - started) * 1000)
        assert len(batch.deliveries) == BATCH
    percentiles = quantiles(milliseconds, n=20)
    return {"p50": percentiles[9], "p95": percentiles[18]}


def main() -> None:
    django.setup()
    take_part(lambda: claims(backlog(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
