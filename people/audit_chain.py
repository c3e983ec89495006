"""Verify the audit log's chain: each entry holds the digest of its content and of the entry before it.

The digests need no key: whoever can write to the database and lift its guard can also compute the whole chain anew. So
a digest that is kept elsewhere must still be in the log later; that cannot be forged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection, transaction

from people.append_only import gaps
from people.models import AuditEntry, AuditHead

PROBLEMS_MAX = 100  # of a log in which everything is wrong, nobody reads more


@dataclass
class Verification:
    """How many entries there are, the newest of them, and sentences: at most `PROBLEMS_MAX`."""

    entries: int = 0
    newest: AuditEntry | None = None
    problems: list[str] = field(default_factory=list)


def verify() -> Verification:
    """Read the whole log, oldest first, and look at its guard. Entries that are appended meanwhile are left out."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().filter(pk=1).values_list("digest", flat=True).first() or ""
        newest = AuditEntry.objects.order_by("-pk").first()
    result = Verification(newest=newest)
    result.problems += islice(_broken(result), PROBLEMS_MAX)
    if (newest.digest if newest else "") != head:
        result.problems.append("The newest entry is missing: something was taken off the end.")
    result.problems += gaps(connection)
    return result


def _broken(result: Verification) -> Iterator[str]:
    """Yield a sentence for each place where the chain is broken; count the entries."""
    digest = ""
    entries = AuditEntry.objects.filter(pk__lte=result.newest.pk if result.newest else 0)
    for entry in entries.oldest_first():
        result.entries += 1
        if entry.previous != digest:
            yield f"Entry {entry.pk} does not follow the one before it: something was taken out, put in or moved there."
        if entry.digest != entry.compute_digest():
            yield f"Entry {entry.pk} is not as it was written."
        digest = entry.digest
