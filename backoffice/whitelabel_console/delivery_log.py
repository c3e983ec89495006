"""The white-label's delivery log and suppressed addresses: those of its own applications."""

from collections.abc import Mapping, Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.console.filters import ChooserFilter
from backoffice.console.scope import current_white_label
from backoffice.shared_pages.delivery_log import DeliveryLog
from backoffice.shared_pages.suppressed_addresses import SuppressedAddresses
from backoffice.whitelabel_console.admin import ScopedModelAdmin
from backoffice.whitelabel_console.site import whitelabel_console
from delivery.log.terms import mark_of_tenant
from delivery.models import Delivery, Suppression


@admin.register(Delivery, site=whitelabel_console)
class WhiteLabelsDeliveryLog(DeliveryLog, ScopedModelAdmin):
    """Asks for the one white-label by its id: the planner sees no index behind a list of all that one may see."""

    hides_platform = True
    list_display = tuple(name for name in DeliveryLog.list_display if name != "white_label")
    csv_columns = {head: name for head, name in DeliveryLog.csv_columns.items() if head != "White-label"}
    list_filter = (*DeliveryLog.list_filter, ("application", ChooserFilter))

    def visible(self, request: HttpRequest) -> "QuerySet[Delivery]":
        return Delivery.objects.filter(tenant=current_white_label(request).pk)

    def get_marks(self, request: HttpRequest, filters: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        return (*super().get_marks(request, filters), mark_of_tenant(current_white_label(request).pk))


@admin.register(Suppression, site=whitelabel_console)
class WhiteLabelsSuppressedAddresses(ScopedModelAdmin, SuppressedAddresses):
    list_display = tuple(name for name in SuppressedAddresses.list_display if name != "white_label_name")
    csv_columns = {head: name for head, name in SuppressedAddresses.csv_columns.items() if head != "White-label"}
