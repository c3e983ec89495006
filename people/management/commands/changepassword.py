"""`manage.py changepassword`: Django's own; whose password was changed by it is recorded in the audit log."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from people.audit import differences, record, snapshot
from people.models import User


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        person = User.objects.filter(email=options["username"])
        before = snapshot(*person)
        output = super().handle(*args, **options)
        record("password.change", who="manage.py changepassword", changes=differences(before, snapshot(*person.all())))
        return output
