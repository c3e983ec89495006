"""Do once what is asked for several times under one Idempotency-Key, and give everybody the same answer.

The key is inserted in the transaction that accepts the mail. Whoever comes with it meanwhile waits in the database for
that transaction, so that nothing is left behind where a process dies in between.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest

from gateway.http.bearer import application_of, key_of
from gateway.http.errors import Refused
from gateway.models import IdempotentRequest

WAIT_SECONDS = 10
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, Appendix A
KEY = re.compile(r"[ -~]{1,256}\Z")

Answer = dict[str, Any]


def once(request: HttpRequest, path: str, act: Callable[[], Answer]) -> Answer:
    """Return what `act` answers, or answered before under the same key; raises `Refused`, with nothing done."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return act()
    if not KEY.match(key):
        raise Refused(400, "invalid_idempotency_key", "An Idempotency-Key has 1 to 256 printable ASCII characters.")
    mine = IdempotentRequest(
        application=application_of(request),
        test=key_of(request).test,
        path=path,
        key=key,
        body_hash=hashlib.sha256(request.body).hexdigest(),
    )
    try:
        with transaction.atomic():
            return _first(mine, act)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        raise _under_way() from error


def _first(mine: IdempotentRequest, act: Callable[[], Answer]) -> Answer:
    """Act if nobody has under this key; otherwise return their answer."""
    theirs = _claim(mine)
    if theirs and theirs.is_over:
        theirs.delete()
        theirs = _claim(mine)
    if theirs is None:
        mine.answer = act()
        mine.save(update_fields=["answer"])
        return mine.answer
    if theirs.body_hash != mine.body_hash:
        raise Refused(409, "invalid_idempotent_request", "This Idempotency-Key was used with another body.")
    return theirs.answer


def _claim(mine: IdempotentRequest) -> IdempotentRequest | None:
    """Insert `mine`, waiting for whoever is at it; return the row that was there before, None where it is mine."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
    IdempotentRequest.objects.bulk_create([mine], ignore_conflicts=True)
    same = IdempotentRequest.objects.filter(application=mine.application, test=mine.test, path=mine.path, key=mine.key)
    row = same.first()
    if row is None:  # its time was over, and it was let go of just now
        raise _under_way()
    return None if row.pk == mine.pk else row


def _under_way() -> Refused:
    words = "The same request is under way. Try again in a moment."
    return Refused(409, "concurrent_idempotent_requests", words, retry_after=1)
