"""Count refused tries in the audit log: who tried which page that is not theirs, or a row of somebody else's."""

from datetime import timedelta

from django.utils import timezone

from people.audit import record
from people.models import AuditEntry, User
from people.throttling import exceeded

ACT = "access.refused"
EVERY_SECONDS = 3600


def note_refusal(page: str, *, person: User | None = None, who: str = "", address: str = "") -> None:
    """Append an entry about `page`, its route without what it was filled with; at most one an hour for each of them.

    `who` names a key of the API where no person tries. Later tries cost a look into the cache and nothing else.
    """
    name = str(person.pk) if person else who
    if exceeded(f"{ACT}:{name}:{page}", most=1, seconds=EVERY_SECONDS):
        return
    since = timezone.now() - timedelta(seconds=EVERY_SECONDS)
    known = AuditEntry.objects.filter(at__gt=since, act=ACT, person=person, path=page)
    if not (known if person else known.filter(who=who)).exists():  # the cache may have been lost
        record(ACT, person=person, who=who, address=address, path=page)
