"""What choosers offer: rows found on the server by name or address, of those that the person may see."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model

TERM_CHARS = 200


class Offers(AutocompleteJsonView):
    """A page of rows as select2 asks for them; the model's list says how they are found and what they are called."""

    model_admin: Any

    def process_request(self, request: Any) -> Any:
        term, *rest = super().process_request(request)
        return (term[:TERM_CHARS], *rest)

    def get_queryset(self) -> Any:
        """Return them with what the list reads together with each."""
        together = self.model_admin.list_select_related
        rows = super().get_queryset()
        return rows.select_related(*together) if together else rows

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return super().serialize_result(obj, to_field_name) | {"text": self.model_admin.offered_as(obj)}
