"""`manage.py demo_key`: a key for the doors of this machine, whose secret `bin/dev` shows at each start."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from gateway.choices import Maker
from gateway.keys.authentication import authenticate
from gateway.models import Key
from people.audit import record
from people.models import User
from whitelabel.models import Application

FILE = "demo.key"
NAME, APPLICATION, OWNER = "bin/dev", "Acme Shop", "owner@builder.example"
HERE = "127.0.0.1"


class Command(BaseCommand):
    help = "Keep the secret of a key of the demo's application in VAR_DIR, for its owner's eyes only."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.VAR_DIR) / FILE
        if not (path.exists() and isinstance(authenticate(path.read_text(), HERE), Key)):
            path.unlink(missing_ok=True)
            if secret := new_key():
                path.touch(mode=0o600)
                path.write_text(secret)


def new_key() -> str:
    """Return the secret of a new key in place of the one before, "" where somebody made something else of the demo."""
    application = Application.objects.filter(name=APPLICATION).first()
    owner = User.objects.platform_owners().filter(email=OWNER).first()
    if application is None or owner is None:
        return ""
    for known in Key.objects.alive().filter(application=application, name=NAME):
        known.revoke(by=owner)
    secret = Key(application=application, name=NAME, scopes="send").issue(by=owner, maker=Maker.PLATFORM)
    record("key.make", who="manage.py demo_key")
    return secret
