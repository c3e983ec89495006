"""A delivery as the worker that holds its lease sees it, and the bytes that it hands over."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from delivery.models import Delivery, Email

PIECE_BYTES = 1024 * 1024


@dataclass(slots=True)
class LeasedDelivery:
    """Plain values of a `Delivery` and its `Email`, for the one way that nearly every message goes.

    `size` is that of the stored content, in bytes. Whatever else happens to it is a transition of its `row`.
    """

    lease: UUID
    pk: int
    email_id: UUID
    recipient: str
    tenant: int
    priority: int
    attempt_count: int
    possible_duplicate: bool
    application_id: int | None
    wanted_name: str
    wanted_address: str
    reply_to: str
    smtputf8: bool
    null_reverse_path: bool
    size: int

    @property
    def row(self) -> Delivery:
        """The delivery as a model, with the lease that its transitions ask for."""
        return Delivery(
            pk=self.pk,
            email_id=self.email_id,
            recipient=self.recipient,
            tenant=self.tenant,
            priority=self.priority,
            status=Delivery.Status.SENDING,
            attempt_count=self.attempt_count,
            possible_duplicate=self.possible_duplicate,
            lease=self.lease,
        )


class Contents:
    """The contents of a batch, read a piece at a time, so that large messages never fill the memory."""

    def __init__(self, deliveries: Sequence[LeasedDelivery]) -> None:
        self._together: dict[UUID, list[UUID]] = {}
        self._read: dict[UUID, bytes] = {}
        piece, size = list[UUID](), 0
        for delivery in deliveries:
            if size and size + delivery.size > PIECE_BYTES:
                piece, size = [], 0
            piece.append(delivery.email_id)
            size += delivery.size
            self._together[delivery.email_id] = piece

    def of(self, delivery: LeasedDelivery) -> bytes:
        """Return the message without the lines that the route adds; raises `LookupError` where it is gone."""
        if delivery.email_id not in self._read:
            rows = Email.objects.filter(pk__in=set(self._together[delivery.email_id])).values_list("pk", "content")
            self._read = {pk: bytes(content) for pk, content in rows if content}
        return self._read[delivery.email_id]
