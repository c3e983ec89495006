"""The saved sets of records, for the form that begins with one."""

from django import template
from django.db.models import QuerySet

from whitelabel.models import RecordSet

register = template.Library()


@register.simple_tag
def saved_record_sets() -> QuerySet[RecordSet]:
    return RecordSet.objects.all()
