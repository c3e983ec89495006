"""The owner's delivery log: everybody's mail."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from backoffice.deliveries import DeliveryLog
from backoffice.owner_console.site import owner_console
from delivery.models import Delivery


@admin.register(Delivery, site=owner_console)
class OwnersDeliveryLog(DeliveryLog):
    list_filter = (
        *DeliveryLog.list_filter,
        ("email__white_label", AutocompleteSelectFilter),
        ("email__application", AutocompleteSelectFilter),
    )
