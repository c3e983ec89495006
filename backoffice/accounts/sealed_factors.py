"""Second factors are kept sealed: whoever reads the database cannot make their codes."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from smtp_settings import sealing
from smtp_settings.rotation import SealedRows

BINDING = "second factor"  # allauth does not tell whose it is


class SealingAdapter(DefaultMFAAdapter):
    """What allauth stores of a factor goes through here."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, binding=BINDING)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; one from before factors were sealed is taken as it is."""
        if not sealing.is_sealed(encrypted_text):
            return encrypted_text
        return sealing.open_sealed(encrypted_text, binding=BINDING)


def _reseal(factor: Authenticator) -> None:
    """Seal the key of a TOTP factor or the seed of recovery codes anew, for the first time where it never was."""
    changed = {name: _sealed(factor.data[name]) for name in ("secret", "seed") if name in factor.data}
    factor.data |= changed
    factor.save(update_fields=["data"])


def _sealed(text: str) -> Any:
    return sealing.reseal(text, binding=BINDING) if sealing.is_sealed(text) else sealing.seal(text, binding=BINDING)


def _forget(factor: Authenticator) -> None:
    factor.delete()


FACTORS = SealedRows(
    "a second factor of person", Authenticator.objects.all(), _reseal, _forget, columns=("data__secret", "data__seed")
)
