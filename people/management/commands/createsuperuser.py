"""`manage.py createsuperuser`: Django's own; who was made a platform owner by it is recorded in the audit log."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from people.audit import differences, record, snapshot
from people.models import User


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        newest = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        output = super().handle(*args, **options)  # it asks for a password: no transaction stays open for that
        for owner in User.objects.platform_owners().filter(pk__gt=newest):
            record("owner.create", who="manage.py createsuperuser", changes=differences({}, snapshot(owner)))
        return output
