"""An address that a server said does not exist; a tenant's mail to it is held until a person decides."""

from typing import Self

from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from delivery.models.delivery import SUPPRESSED, Delivery, DeliveryQuerySet
from people.roles import Right, may
from whitelabel.models import WhiteLabel
from whitelabel.models.white_label import AnyUser


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, user: AnyUser) -> Self:
        if may(user, Right.SEE):
            return self
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))

    def of(self, delivery: Delivery) -> "Suppression | None":
        """Return what holds `delivery`, None where nothing does."""
        if not delivery.is_suppressed:
            return None
        return self.filter(white_label=delivery.tenant or None, address=delivery.recipient.lower()).first()

    def addresses(self, white_label_id: int | None, recipients: list[str]) -> dict[str, str]:
        """Return which of `recipients` are suppressed for the tenant, in lower case, and why."""
        lowered = [recipient.lower() for recipient in recipients]
        return dict(self.filter(white_label=white_label_id, address__in=lowered).values_list("address", "reason"))


class Suppression(models.Model):
    """`address` is in lower case; no white-label means the platform's own applications."""

    white_label = models.ForeignKey(
        WhiteLabel, verbose_name="white-label", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    address = models.CharField(max_length=254)
    reason = models.TextField("why")
    at = models.DateTimeField(default=timezone.now)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = "suppressed address"
        verbose_name_plural = "suppressed addresses"
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["white_label", "address"], name="suppression_once_per_tenant"),
            models.UniqueConstraint(
                fields=["address"], condition=models.Q(white_label=None), name="suppression_once_for_the_platform"
            ),
            models.CheckConstraint(condition=models.Q(address=Lower("address")), name="suppression_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.address

    def held(self) -> DeliveryQuerySet:
        """Return the deliveries that wait because of this."""
        return Delivery.objects.filter(
            status=Delivery.Status.HELD,
            due_at=None,
            tenant=self.white_label_id or 0,
            recipient__iexact=self.address,
            status_reason__startswith=SUPPRESSED,
        )

    def release(self) -> int:
        """Take the address off the list and make due what was held for it; return how many."""
        held = self.held()
        with transaction.atomic():
            self.delete()
            return held.make_due()
