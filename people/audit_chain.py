"""Verify the audit log's chain: each entry holds the digest of its content and of the entry before it.

The digests need no key: whoever can write to the database and lift its guard can also compute the whole chain anew. So
a digest that is kept elsewhere must still be in the log later; that cannot be forged.
"""

from dataclasses import dataclass, field

from people.models import AuditEntry, AuditHead


@dataclass
class Verification:
    """How many entries there are, the newest of them, and a sentence for each place where the chain is broken."""

    entries: int = 0
    newest: AuditEntry | None = None
    problems: list[str] = field(default_factory=list)


def verify() -> Verification:
    """Read the whole log, oldest first. Entries may be appended meanwhile."""
    result, digest, head_seen = Verification(), "", False
    head = AuditHead.objects.values_list("digest", flat=True).first() or ""
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous != digest:
            result.problems.append(
                f"Entry {entry.pk} does not follow the one before it: something was taken out, put in or moved there."
            )
        if entry.digest != entry.compute_digest():
            result.problems.append(f"Entry {entry.pk} is not as it was written.")
        digest, head_seen = entry.digest, head_seen or entry.digest == head
        result.entries, result.newest = result.entries + 1, entry
    if not head_seen and (head or result.entries):
        result.problems.append("The newest entry is missing: something was taken off the end.")
    return result
