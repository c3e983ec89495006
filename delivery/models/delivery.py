"""One envelope recipient of an e-mail, and where its message stands: the state machine of the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from delivery.models.email import Email
from people.roles import Right, may
from whitelabel.models import Application, WhiteLabel
from whitelabel.models.white_label import AnyUser

LEASE_SECONDS = 40
AT_REST = ~models.Q(status="SENDING")
SUPPRESSED = "A server said that this address does not exist."


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def update(self, **values: Any) -> int:
        """Refuse an UPDATE through a join: a row that was leased meanwhile would be judged by what it was before."""
        if sum(map(bool, self.query.alias_refcount.values())) > 1:
            raise TypeError("Name the e-mails of deliveries by a subquery: a join makes an UPDATE blind to leases.")
        return super().update(**values)

    def visible_to(self, user: AnyUser) -> Self:
        """Everything for a platform owner, the mail of the own white-labels for an admin."""
        if may(user, Right.SEE):
            return self
        return self.filter(tenant__in=WhiteLabel.objects.visible_to(user).values("pk"))

    def due(self, now: datetime) -> Self:
        return self.filter(status__in=Delivery.WAITING, due_at__lte=now)

    def held_for_a_while(self) -> Self:
        """What is looked at again by itself: held by its route or a daily limit, not until a person decides."""
        return self.filter(status=Delivery.Status.HELD, due_at__isnull=False)

    def waiting_for_the_server(self) -> Self:
        """What is held for a while or put off: a server that is well again may take it."""
        status = (Delivery.Status.HELD, Delivery.Status.DEFERRED)
        return self.filter(status__in=status, due_at__isnull=False)

    def server_keys(self) -> list[str]:
        return list(self.order_by().values_list("server_key", flat=True).distinct())

    def make_due(self) -> int:
        """Let what is held or put off try its luck now: what must wait is held again. Return how many.

        What a worker leases at this moment is waited for and then left to it.
        """
        waiting = self.filter(status__in=(Delivery.Status.HELD, Delivery.Status.DEFERRED))
        return waiting.update(status=Delivery.Status.QUEUED, due_at=timezone.now(), status_reason="")

    def abandoned(self) -> Self:
        """Deliveries whose worker died: still SENDING, with a lease expired by the database's clock."""
        return self.filter(status=Delivery.Status.SENDING, leased_until__lt=Now())


class Delivery(models.Model):
    """A change of status goes through a method; while SENDING only the holder of the lease may make it."""

    class Status(models.TextChoices):
        QUEUED = "QUEUED", "Queued"
        SENDING = "SENDING", "Sending"
        SENT = "SENT", "Sent"
        DEFERRED = "DEFERRED", "Deferred"
        FAILED = "FAILED", "Failed"
        UNCERTAIN = "UNCERTAIN", "Uncertain"
        HELD = "HELD", "Held"
        CANCELLED = "CANCELLED", "Cancelled"
        EXPIRED = "EXPIRED", "Expired"
        TEST = "TEST", "Test, not sent"

    class Priority(models.IntegerChoices):
        URGENT = 0, "Urgent"
        NORMAL = 1, "Normal"
        BULK = 2, "Bulk"

    # One that is UNCERTAIN and due is sent once more, flagged; where `due_at` is empty a person decides.
    WAITING: Sequence[str] = (Status.QUEUED, Status.DEFERRED, Status.HELD, Status.UNCERTAIN)
    RETRYABLE: Sequence[str] = (
        Status.DEFERRED, Status.HELD, Status.FAILED, Status.UNCERTAIN, Status.CANCELLED, Status.EXPIRED,
    )  # fmt: skip
    CANCELLABLE: Sequence[str] = (Status.QUEUED, Status.DEFERRED, Status.HELD, Status.UNCERTAIN)
    PROBLEMS: Sequence[str] = (Status.DEFERRED, Status.FAILED, Status.UNCERTAIN, Status.HELD, Status.EXPIRED)

    email = models.ForeignKey(Email, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.CharField(max_length=254)
    # What the log is read by stands here as it does on the e-mail: an index leads to it from one table alone.
    tenant = models.BigIntegerField(default=0, editable=False, help_text="The white-label's id, 0 for the platform.")
    application = models.ForeignKey(
        Application,
        null=True,
        editable=False,
        on_delete=models.DO_NOTHING,  # the e-mail's reference protects it
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    accepted_at = models.DateTimeField(default=timezone.now, editable=False)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    server_key = models.CharField(
        max_length=36, editable=False, help_text="The server it is expected to leave through; decided at dispatch."
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    due_at = models.DateTimeField("next try at", null=True, blank=True, default=timezone.now)
    attempt_count = models.PositiveSmallIntegerField("tries", default=0)
    status_reason = models.TextField("why", blank=True, help_text="In plain words, why it stands where it stands.")
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    final_dot_announced = models.BooleanField(default=False, editable=False)
    possible_duplicate = models.BooleanField(default=False, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "delivery log"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["server_key", "tenant", "priority", "due_at"],
                name="delivery_due",
                condition=models.Q(status__in=["QUEUED", "DEFERRED", "HELD", "UNCERTAIN"]),
            ),
            models.Index(fields=["id"], name="delivery_leased", condition=models.Q(status="SENDING")),
            # The log (see `delivery.log`): a row that is on its way is in none of them, so that a lease costs nothing.
            models.Index(fields=["status", "-accepted_at", "-id"], name="delivery_log", condition=AT_REST),
            models.Index(fields=["tenant", "status", "-accepted_at", "-id"], name="delivery_tenant", condition=AT_REST),
            models.Index(
                fields=["application", "status", "-accepted_at", "-id"], name="delivery_application", condition=AT_REST
            ),
            models.Index(
                fields=["-accepted_at", "-id"], name="delivery_duplicates", condition=models.Q(possible_duplicate=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="SENDING", lease__isnull=False, leased_until__isnull=False)
                | (~models.Q(status="SENDING") & models.Q(lease=None)),
                name="delivery_lease_only_while_sending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.recipient}"

    @property
    def retryable(self) -> bool:
        return self.status in self.RETRYABLE

    @property
    def cancellable(self) -> bool:
        return self.status in self.CANCELLABLE

    @property
    def is_suppressed(self) -> bool:
        """Return whether it is held because its address is on the list, until a person decides."""
        return self.status == self.Status.HELD and not self.due_at and self.status_reason.startswith(SUPPRESSED)

    # Transitions of the worker: each is one conditional UPDATE and returns whether the lease still held. That a final
    # dot is next, and that a server has accepted the message, is written by `outbox.record_sql`.

    def fail(self, reason: str) -> bool:
        return self._finish(self.Status.FAILED, reason)

    def expire(self, reason: str) -> bool:
        return self._finish(self.Status.EXPIRED, reason)

    def defer(self, reason: str, *, until: datetime, counts: bool = True, may_have_arrived: bool = False) -> bool:
        """Try again at `until`; a fault of the server (`counts=False`) uses up none of the attempts."""
        return self._move(
            self.Status.DEFERRED,
            status_reason=reason,
            due_at=until,
            attempt_count=self.attempt_count + int(counts),
            possible_duplicate=self.possible_duplicate or may_have_arrived,
        )

    def move_to(self, server_key: str) -> bool:
        """Give the delivery back at once, for another server: its route has changed while it waited."""
        return self._move(self.Status.QUEUED, server_key=server_key, due_at=timezone.now())

    def give_back(self) -> bool:
        """Let go of the lease with nothing tried."""
        return self._move(self.Status.QUEUED)

    def mark_uncertain(self, reason: str) -> bool:
        """The link was lost after the final dot: send once more, flagged, in 15 minutes; then a person decides.

        An urgent mail is held instead: a second code an hour later helps nobody.
        """
        first = not self.possible_duplicate
        values: dict[str, Any] = {
            "status_reason": reason,
            "attempt_count": self.attempt_count + 1,
            "possible_duplicate": True,
        }
        if self.priority == self.Priority.URGENT:
            return self._move(self.Status.HELD, due_at=None, **values)
        again = timezone.now() + timedelta(seconds=settings.UNCERTAIN_RESEND_SECONDS)
        return self._move(self.Status.UNCERTAIN, due_at=again if first else None, **values)

    # Transitions of a person: refused while a worker holds the lease.

    @transaction.atomic
    def retry(self) -> bool:
        """Make the delivery due now, or when it is scheduled, unless its content is gone (see `retention`)."""
        now, mine = timezone.now(), Email.objects.select_for_update(no_key=True).filter(pk=self.email_id)
        kept = mine.filter(content__isnull=False).values_list("scheduled_at").first()
        if kept is None:
            return False
        return self._decide(
            self.RETRYABLE,
            status=self.Status.QUEUED,
            due_at=max(now, kept[0] or now),
            status_reason="",
            attempt_count=0,
            finished_at=None,
        )

    def cancel(self, reason: str) -> bool:
        return self._decide(
            self.CANCELLABLE,
            status=self.Status.CANCELLED,
            due_at=None,
            status_reason=reason,
            finished_at=timezone.now(),
        )

    def _finish(self, status: str, reason: str) -> bool:
        return self._move(
            status, status_reason=reason, due_at=None, attempt_count=self.attempt_count + 1, finished_at=timezone.now()
        )

    def _move(self, status: str, **values: Any) -> bool:
        """Let go of the lease and write `values` if it still holds; the fencing token of every write."""
        values |= {"lease": None, "leased_until": None, "final_dot_announced": False}
        held = Delivery.objects.filter(pk=self.pk, status=self.Status.SENDING, lease=self.lease)
        moved = held.update(status=status, **values) == 1
        if moved:
            self._adopt(status=status, **values)
        return moved

    def _decide(self, allowed: Sequence[str], **values: Any) -> bool:
        moved = Delivery.objects.filter(pk=self.pk, status__in=allowed).update(**values) == 1
        if moved:
            self._adopt(**values)
        return moved

    def _adopt(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
