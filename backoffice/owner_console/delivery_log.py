"""The owner's delivery log and suppressed addresses: everybody's."""

from collections.abc import Mapping, Sequence

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.console.filters import ChooserFilter
from backoffice.console.ids import may_be_id
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.delivery_log import DeliveryLog
from backoffice.shared_pages.suppressed_addresses import SuppressedAddresses
from delivery.log.terms import mark_of_tenant
from delivery.models import Delivery, Suppression
from whitelabel.models import WhiteLabel


class TenantFilter(ChooserFilter):
    """The white-label whose mail it is, as the delivery itself says."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Delivery]") -> "QuerySet[Delivery]":
        chosen = self.value()
        if not chosen:
            return queryset
        if not may_be_id(WhiteLabel, chosen):
            raise IncorrectLookupParameters
        return queryset.filter(tenant=chosen)


@admin.register(Delivery, site=owner_console)
class OwnersDeliveryLog(DeliveryLog):
    list_filter = (
        *DeliveryLog.list_filter,
        ("email__white_label", TenantFilter),
        ("application", ChooserFilter),
    )

    def visible(self, request: HttpRequest) -> "QuerySet[Delivery]":
        return Delivery.objects.visible_to(request.user)

    def get_marks(self, request: HttpRequest, filters: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        of_white_label = map(mark_of_tenant, filters.get("email__white_label__id__exact", ()))
        return (*super().get_marks(request, filters), *of_white_label)


@admin.register(Suppression, site=owner_console)
class OwnersSuppressedAddresses(SuppressedAddresses):
    list_filter = (("white_label", ChooserFilter),)
    list_filter_submit = True
