"""Make the tables of the bare view, and the key whose secret is in the environment."""

import hashlib
import os

import django
from django.core.management import call_command

from benchmarks.programs import take_part


def prepare() -> None:
    from benchmarks.bare.models import Key
    from benchmarks.bare.view import PREFIX_CHARS

    call_command("migrate", run_syncdb=True, verbosity=0)
    secret = os.environ["SECRET"]
    Key._default_manager.create(prefix=secret[:PREFIX_CHARS], sha256=hashlib.sha256(secret.encode()).hexdigest())


def main() -> None:
    django.setup()
    take_part(prepare)


if __name__ == "__main__":
    main()
