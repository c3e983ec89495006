"""Whether the key ring opens anything of what is stored: with another ring nothing would work, and that late and oddly.

What a sealed text was sealed with stands in it, so nothing is opened for it.
"""

import logging
import threading
from collections.abc import Iterable
from queue import Empty, SimpleQueue

from django.conf import settings
from django.db import Error, InterfaceError, connection
from django.db.models import Q

from smtp_settings.rotation import SealedRows
from smtp_settings.sealing import VERSION, key_id

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 10
OPENS_NOTHING = (
    "SECRETS_KEYS opens nothing of what is stored: it holds the keys {ring}, and what is stored was sealed with "
    "{other}. Put the keys back that were used before, the newest first. Where they are lost for good, run `python "
    "manage.py rotate_secrets --forget-lost` and type every secret again."
)


class OpensNothing(Exception):
    """The ring is another one; the text says what to do."""


def require_fitting(stored: Iterable[SealedRows]) -> None:
    """Raise `OpensNothing` where something of `stored` is sealed and the ring has no key of any of it.

    Asked in a thread with a connection of its own, and not for long: while the database is away nobody can tell, and a
    process that forks must not inherit a connection.
    """
    answers: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_look, args=(list(stored), answers), daemon=True, name="look at the key ring").start()
    try:
        sentence = answers.get(timeout=PATIENCE_SECONDS)
    except Empty:
        logger.warning("The database does not answer: whether SECRETS_KEYS opens what is stored cannot be told.")
        return
    if sentence:
        raise OpensNothing(sentence)


def _look(stored: list[SealedRows], answers: "SimpleQueue[str]") -> None:
    try:
        answers.put(fault(stored))
    except (Error, InterfaceError) as error:  # it is away, or was never migrated
        logger.warning("Whether SECRETS_KEYS opens what is stored cannot be told: %s", str(error).strip())
        answers.put("")
    finally:
        connection.close()


def fault(stored: Iterable[SealedRows]) -> str:
    """Return in a sentence that the ring opens nothing of `stored`, "" where it opens any or nothing is sealed."""
    ids = [key_id(key) for key in settings.SECRETS_KEYS]
    columns = [(sealed.rows, column) for sealed in stored for column in sealed.columns]
    for rows, column in columns:
        ours = Q()
        for name in ids:
            ours |= Q(**{f"{column}__startswith": f"{VERSION}.{name}."})
        if rows.filter(ours).exists():
            return ""
    for rows, column in columns:
        sample = rows.filter(**{f"{column}__startswith": f"{VERSION}."}).values_list(column, flat=True).first()
        if sample is not None:
            return OPENS_NOTHING.format(ring=", ".join(ids), other=sample.split(".")[1])
    return ""
