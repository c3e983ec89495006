"""Take back what a worker that died held: queued again, or uncertain where it was past its final dot."""

from django.db import connection, transaction

from delivery.models import Delivery

TAKEN_BACK_AT_ONCE = 1000


def take_back() -> int:
    """Queue again what was leased to a worker that died; past its final dot it is uncertain. Return how many.

    A row that a stopped worker has locked is left for the next look: whoever waited for it would keep nothing alive.
    """
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        abandoned = Delivery.objects.abandoned().select_for_update(skip_locked=skip)[:TAKEN_BACK_AT_ONCE]
        return sum(_take_back(delivery) for delivery in abandoned)


def _take_back(delivery: Delivery) -> bool:
    if delivery.final_dot_announced:
        return delivery.mark_uncertain("The worker stopped after the end of the message; nobody knows the answer.")
    return delivery.give_back()
