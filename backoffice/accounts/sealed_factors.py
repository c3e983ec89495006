"""Second factors are kept sealed, bound to the person and to the kind of factor: whoever reads the database cannot make
their codes, and a row that is copied, edited or put in there opens nothing.

In the database the data of a factor is `{"sealed": text}`. A row with other data was not stored by the product.
"""

import json
import logging
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_init, post_save, pre_save

from smtp_settings import sealing
from smtp_settings.rotation import SealedRows

SEALED = "sealed"
UNREADABLE_NAME = "Unreadable"
REFUSED = (
    "Your second factor was changed outside of this product, so it is not accepted. "
    "Ask a platform owner to remove it; then set up a new one."
)

logger = logging.getLogger(__name__)


class FactorRefused(PermissionDenied):
    """A factor is asked for something that its row, as it stands in the database, does not prove."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


class UnreadableData(dict[str, Any]):
    """Nothing, in place of data that does not open where it is; refuses what is asked of it, and keeps `stored`."""

    def __init__(self, stored: dict[str, Any], whose: str) -> None:
        super().__init__(name=UNREADABLE_NAME)  # lists show it
        self.stored, self.whose = stored, whose

    def __missing__(self, name: str) -> Any:
        logger.warning("Refused the %s: its row was changed outside of the product.", self.whose)
        raise FactorRefused


def follow() -> None:
    """Begin to seal factors when they are saved, and to open them when they are loaded."""
    post_init.connect(_open, sender=Authenticator, dispatch_uid="sealed factors")
    pre_save.connect(_seal, sender=Authenticator, dispatch_uid="sealed factors")
    post_save.connect(_open, sender=Authenticator, dispatch_uid="sealed factors")


def binding_of(factor: Authenticator) -> str:
    return f"second factor {factor.type} of person {factor.user_id}"


def _open(instance: Authenticator, **_: Any) -> None:
    """Put what was sealed in the place of the sealed text; a new factor can be read once it was saved."""
    stored = instance.__dict__.get("data")
    if not isinstance(stored, dict) or not {"user_id", "type"} <= instance.__dict__.keys():
        return  # the column was not loaded
    try:
        instance.data = json.loads(sealing.open_sealed(stored[SEALED], binding=binding_of(instance)))
    except (KeyError, AttributeError, sealing.CannotOpen):
        instance.data = UnreadableData(stored, binding_of(instance))


def _seal(instance: Authenticator, **_: Any) -> None:
    """Seal the data of a factor that is new or was read; what could not be read goes back as it was."""
    content = instance.data
    if isinstance(content, UnreadableData):
        content = content.stored
        if not instance._state.adding:
            instance.data = content
            return
    instance.data = {SEALED: sealing.seal(json.dumps(content), binding=binding_of(instance))}


def _reseal(factor: Authenticator) -> None:
    if isinstance(factor.data, UnreadableData):
        raise sealing.CannotOpen(sealing.CANNOT_OPEN)
    factor.save(update_fields=["data"])


def _forget(factor: Authenticator) -> None:
    factor.delete()


FACTORS = SealedRows(
    "a second factor of person", Authenticator.objects.all(), _reseal, _forget, columns=(f"data__{SEALED}",)
)
