"""Record in the audit log which keys somebody used that open nothing any more; by the beat, not by the door.

A door does the same work for every wrong key, so that its time tells nothing; it only notes the refusal on the key.
"""

from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from gateway.choices import Fault
from gateway.models import Key
from people import audit
from tables.one_by_one import do_for_each

OF_THE_LAST = timedelta(minutes=10)
EVERY_SECONDS = 3600  # for a key, at most
# What is found only behind the right secret; of a revoked key there is none any more.
RECORDED = (Fault.REVOKED, Fault.ENDED, Fault.STOPPED, Fault.ARCHIVED, Fault.NETWORK)


def record_refusals() -> None:
    """Append an entry for each key that was refused lately, unless there was one for it within the hour."""
    refused = Key.objects.filter(refused_at__gt=timezone.now() - OF_THE_LAST, refusal__in=RECORDED)
    do_for_each(refused.select_related("application"), _record_once_an_hour)


def _record_once_an_hour(key: Key) -> None:
    if not cache.add(f"audit:key.refuse:{key.pk}", True, EVERY_SECONDS):
        return
    why: audit.Change = {"thing": audit.name_of(key), "field": "refusal", "before": "", "after": key.refusal}
    white_label = key.application.white_label_id if key.application else None
    audit.record("key.refuse", who=key.shown, white_label=white_label, address=key.refused_from, changes=[why])
