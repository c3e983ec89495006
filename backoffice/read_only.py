"""A list to read: nothing is added, changed or deleted in it but by acts of its own."""

from django.db.models import Model
from django.http import HttpRequest

from backoffice.console.admin import ListAdmin


class ReadOnlyAdmin(ListAdmin):
    """Shows what its queryset holds, and nothing else exists."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
