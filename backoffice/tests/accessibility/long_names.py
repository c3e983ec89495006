"""A white-label whose names are one long word each and whose addresses are as long as they may be, in every state."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from delivery.models import Delivery
from testing.walls.tenants import Tenant
from whitelabel.models import RecordsLink, SendingDomain

NUMBER = 177
WORD = "donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenkass"  # 60 characters
DOMAIN = f"{WORD}.{'w' * 63}.{'x' * 63}.test"
ADDRESS = f"{WORD}@{DOMAIN}"[-254:]
Status, State = Delivery.Status, SendingDomain.State


class LongNames(Tenant):
    """Its rows have the key `NUMBER`."""

    def domain_in(self, state: str) -> int:
        """Return the key of another domain, in this state."""
        return self._another(SendingDomain, State.values.index(state), state=state, domain=f"{state.lower()}.{DOMAIN}")

    def delivery_with(self, status: str) -> int:
        """Return the key of another delivery, with this status."""
        lease = {"lease": uuid.uuid4(), "leased_until": timezone.now()} if status == Status.SENDING else {}
        return self._another(Delivery, Status.values.index(status), status=status, **lease)

    def records_link(self) -> str:
        """Return the address at which whoever has the link sees the records of the domain."""
        _, token = RecordsLink.make(self.row_of(SendingDomain), by=self.person)
        return f"/dns/{token}/"

    def _another(self, model: type[models.Model], number: int, **different: object) -> int:
        row, key = self.row_of(model), NUMBER + 1 + number
        values = {column.attname: getattr(row, column.attname) for column in model._meta.concrete_fields}
        model._default_manager.create(**values | {"id": key} | different)
        return key

    def _text(self, field: "models.Field[Any, Any]") -> str:
        text = super()._text(field)
        return ADDRESS[-(field.max_length or len(ADDRESS)) :] if "@" in text else text.replace(" ", "")

    def _special(self) -> dict[type[models.Model], dict[str, object]]:
        special = super()._special()
        special[SendingDomain]["domain"] = DOMAIN
        return special
