"""The hashes of secrets, for the command that seals everything with the newest key; no secret is needed for it."""

from django.utils import timezone

from gateway.models import Key
from smtp_settings import sealing
from smtp_settings.rotation import SealedRows


def _reseal(key: Key) -> None:
    sealed = sealing.reseal(key.sealed_hash, binding=key.binding)
    Key.objects.filter(pk=key.pk).update(sealed_hash=sealed)


def _forget(key: Key) -> None:
    """Revoke it: nothing it was made with is left."""
    Key.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    Key.objects.filter(pk=key.pk).update(sealed_hash="")


KEYS = SealedRows(
    "the secret of the key", Key.objects.exclude(sealed_hash=""), _reseal, _forget, columns=("sealed_hash",)
)
