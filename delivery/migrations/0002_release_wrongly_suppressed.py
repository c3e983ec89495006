"""Release the addresses that were suppressed for what a server said of somebody else, and what was held for them."""

import re

from django.db import migrations
from django.utils import timezone

ROWS_AT_ONCE = 500

# The code is the one right after the reply code: what follows are a server's own words, and may quote others.
REFUSAL = 'Refused ('
NO_SUCH_RECIPIENT = re.compile(r'Refused \(recipient\): 5\d\d 5\.1\.(1|2|3|6|10)(?=\s|$)')


def release(apps, schema_editor):
    Suppression = apps.get_model('delivery', 'Suppression')
    pairs = set()
    for rows in portions(Suppression.objects.filter(reason__startswith=REFUSAL), 'reason', 'white_label_id', 'address'):
        wrong = [row for row in rows if not NO_SUCH_RECIPIENT.match(row[1])]
        pairs.update((white_label_id or 0, address) for _, _, white_label_id, address in wrong)
        Suppression.objects.filter(pk__in=[row[0] for row in wrong]).delete()
    if pairs:
        make_due(apps.get_model('delivery', 'Delivery'), pairs)


def make_due(Delivery, pairs):
    """Make due what waits for a person because of one of `pairs` of tenant and address; the sweep finds it."""
    held = Delivery.objects.filter(status='HELD', due_at=None, possible_duplicate=False)
    for rows in portions(held, 'tenant', 'recipient'):
        ids = [pk for pk, tenant, recipient in rows if (tenant, recipient.lower()) in pairs]
        held.filter(pk__in=ids).update(status='QUEUED', due_at=timezone.now(), status_reason='')


def portions(rows, *columns):
    """Yield the id and `columns` of `rows`, so many at once; those yielded may be changed meanwhile."""
    last = 0
    while portion := list(rows.filter(pk__gt=last).order_by('pk').values_list('pk', *columns)[:ROWS_AT_ONCE]):
        yield portion
        last = portion[-1][0]


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(release, migrations.RunPython.noop),
    ]
