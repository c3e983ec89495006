"""The owner's delivery log and suppressed addresses: everybody's."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.delivery_log import DeliveryLog
from backoffice.shared_pages.suppressed_addresses import SuppressedAddresses
from delivery.models import Delivery, Suppression


@admin.register(Delivery, site=owner_console)
class OwnersDeliveryLog(DeliveryLog):
    list_filter = (
        *DeliveryLog.list_filter,
        ("email__white_label", AutocompleteSelectFilter),
        ("email__application", AutocompleteSelectFilter),
    )


@admin.register(Suppression, site=owner_console)
class OwnersSuppressedAddresses(SuppressedAddresses):
    list_filter = (("white_label", AutocompleteSelectFilter),)
    list_filter_submit = True
