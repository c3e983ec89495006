"""All that is stored sealed, and the stop of a process whose key ring opens nothing of it."""

from backoffice.accounts.sealed_factors import FACTORS
from backoffice.environment import stop
from gateway.keys.rotation import KEYS
from smtp_settings.key_ring import OpensNothing, require_fitting
from smtp_settings.rotation import SECRETS

SEALED = [*SECRETS, FACTORS, KEYS]


def stop_unless_keys_fit() -> None:
    """Raise `SystemExit` with a sentence on stderr; a database that is away stops nothing."""
    try:
        require_fitting(SEALED)
    except OpensNothing as error:
        stop(str(error))
